package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/occimi/occimi/backend/openstack"
	"github.com/occimi/occimi/backend/store"
	"github.com/occimi/occimi/frontends/cimi"
	"github.com/occimi/occimi/frontends/occi"
	"github.com/occimi/occimi/frontends/server"
	"github.com/occimi/occimi/model"
	translate "github.com/occimi/occimi/translate/cimi"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve CIMI and OCCI in front of a cloud",
		Example: `  occimi serve --sandbox
  occimi serve --os-auth-url https://keystone.example.org:5000/v3 --listen 0.0.0.0:8787`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := load[settings](cmd.Flags(), os.Environ)
			if err != nil {
				return usageError{err}
			}
			return serve(cmd.Context(), s, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addFlags[settings](cmd.Flags(), func(string) bool { return true })
	return cmd
}

// serve runs the program until ctx ends.
func serve(ctx context.Context, s settings, out, errOut io.Writer) error {
	if err := s.refuse(); err != nil {
		return usageError{err}
	}
	if s.Sandbox {
		// It outlives the requests in flight.
		sandboxCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
		defer stop()
		cloud, err := startSandbox(sandboxCtx, s)
		if err != nil {
			return err
		}
		s.AuthURL = cloud.authURL
	}
	registry := newRegistry()
	config, err := s.openstackConfig()
	if err != nil {
		return usageError{err}
	}
	log := s.logger(errOut)
	config.Registerer, config.Log = registry, log
	kept, err := s.openStore(ctx)
	if err != nil {
		return usageError{err}
	}
	if kept != nil {
		defer func() { _ = kept.Close() }() // what is kept is written already
		config.Claim = kept.Claim
	}
	provider, err := openstack.New(config)
	if err != nil {
		return usageError{err}
	}
	srv, err := newServer(s, provider, kept, registry, log)
	if err != nil {
		return usageError{err}
	}
	public, err := listen(ctx, "listen", s.Listen)
	if err != nil {
		return err
	}
	var admin net.Listener
	if s.AdminListen != "" {
		if admin, err = listen(ctx, "admin-listen", s.AdminListen); err != nil {
			return err
		}
	}
	announce(out, s, public, admin)
	return srv.Run(ctx, public, admin)
}

// listen listens at the address that an option names.
func listen(ctx context.Context, option, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("option %s: %w", option, err)
	}
	return listener, nil
}

// hereURL is how programs on this machine reach what listens at an address: one
// that stands for all of the machine's is none to connect to.
func hereURL(address string) string {
	host, port, _ := net.SplitHostPort(address) // it is one
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// newServer wires the frontends to a provider, and to a store if there is one.
func newServer(s settings, p model.Provider, kept *store.Store, registry *prometheus.Registry, log zerolog.Logger) (*server.Server, error) {
	trusted, err := s.trustedProxies()
	if err != nil {
		return nil, err
	}
	occiConfig := occi.Config{
		Path: s.OCCIPath, KeystoneURL: s.keystoneURL(), CoreLocations: s.OCCICore, Reserved: []string{s.CIMIPath},
	}
	cimiConfig := cimi.Config{
		Path:    s.CIMIPath,
		Options: translate.Options{CPUArch: s.CIMIArch, DeltacloudMetadata: s.CIMIDelta, JobRetention: s.CIMIJobs},
	}
	if kept != nil { // as an interface, a nil *store.Store would be something
		occiConfig.Tags, cimiConfig.Documents = kept, kept
	}
	occiFrontend, cimiFrontend := occi.New(occiConfig), cimi.New(cimiConfig)
	return server.New(server.Options{
		PublicURL:      s.PublicURL,
		TrustedProxies: trusted,
		MaxBodyBytes:   s.MaxBodyBytes,
		MaxHeaderBytes: s.MaxHeader,
		MaxInFlight:    s.MaxInFlight,
		Timeout:        s.Timeout,
		ShutdownDelay:  s.ShutdownDelay,
		ShutdownGrace:  s.ShutdownGrace,
		Version:        version,
		Log:            log,
		Metrics:        registry,
		Gatherer:       registry,
	}, p,
		server.Mount{Name: "occi", Path: s.OCCIPath, Frontend: occiFrontend},
		server.Mount{Name: "occi", Path: occi.WellKnown, Frontend: occiFrontend},
		server.Mount{Name: "cimi", Path: s.CIMIPath, Frontend: cimiFrontend},
	), nil
}

// newRegistry gives a registry with what is known of the program itself.
func newRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	build := readBuildInfo()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "occimi_build_info", Help: "Which program runs; the value is 1.",
		ConstLabels: prometheus.Labels{"version": build.Version, "revision": build.Revision, "goversion": build.GoVersion},
	})
	info.Set(1)
	registry.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// openstackConfig says which cloud to speak to, and how.
func (s settings) openstackConfig() (openstack.Config, error) {
	endpoints, err := s.endpoints()
	if err != nil {
		return openstack.Config{}, err
	}
	c := openstack.Config{
		AuthURL:       s.AuthURL,
		DefaultDomain: s.DefaultDomain,
		Region:        s.Region,
		Interface:     s.Interface,
		Endpoints:     endpoints,
		Microversions: map[string]string{"compute": s.ComputeVersion},
		ListCacheFor:  s.CacheLists,
	}
	if s.CACert != "" {
		pem, err := os.ReadFile(s.CACert)
		if err != nil {
			return c, fmt.Errorf("option os-cacert: %w", err)
		}
		if c.RootCAs, err = x509.SystemCertPool(); err != nil {
			c.RootCAs = x509.NewCertPool()
		}
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return c, fmt.Errorf("option os-cacert: no certificate in %s", s.CACert)
		}
	}
	return c, nil
}

// logger writes to w as the settings say, which are valid.
func (s settings) logger(w io.Writer) zerolog.Logger {
	if s.LogFormat == "console" {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly, NoColor: !isTerminal(w)}
	}
	level, err := zerolog.ParseLevel(s.LogLevel)
	if err != nil {
		level = zerolog.InfoLevel
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

// isTerminal tells whether colors make sense.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// announce tells people where everything is.
func announce(w io.Writer, s settings, public, admin net.Listener) {
	var b strings.Builder
	base := strings.TrimSuffix(s.PublicURL, "/")
	if base == "" {
		base = hereURL(public.Addr().String())
	}
	fmt.Fprintf(&b, "OCCI   %s%s   (query interface: %s%s-/)\n", base, s.OCCIPath, base, s.OCCIPath)
	fmt.Fprintf(&b, "CIMI   %s%s   (Cloud Entry Points: %s%s1/cloudEntryPoint and %s%s2/cloudEntryPoint)\n",
		base, s.CIMIPath, base, s.CIMIPath, base, s.CIMIPath)
	if admin != nil {
		fmt.Fprintf(&b, "ADMIN  %s/metrics, /healthz/live, /healthz/ready\n", hereURL(admin.Addr().String()))
	}
	fmt.Fprintf(&b, "CLOUD  %s\n", s.AuthURL)
	if s.Sandbox {
		fmt.Fprintf(&b, "USERS  demo/secret in project demo, alt/secret in project alt\n\nTry:\n  curl -u demo:secret %s%s-/\n  curl -u demo:secret %s%s1/machines\n",
			base, s.OCCIPath, base, s.CIMIPath)
	}
	_, _ = io.WriteString(w, b.String()) // it serves all the same
}

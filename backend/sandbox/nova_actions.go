package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Power states, as Nova counts them.
const (
	powerNone      = 0
	powerRunning   = 1
	powerPaused    = 3
	powerOff       = 4
	powerSuspended = 7
)

// transition is one action on a server: when it may begin, what is seen of it
// while it lasts, and how it ends.
type transition struct {
	// name is how messages and the action log call it.
	name string
	// from are the vm_states in which it may begin; nil: in all.
	from []string
	// onHost has it ask first for a server that is on a host.
	onHost bool
	// unlocked has it work on locked servers as well.
	unlocked bool
	// duringTask has it work while another task lasts.
	duringTask bool
	// task is the task_state that is seen meanwhile; empty with end "": it is
	// done at once, by do alone.
	task string
	// to and power are the vm_state and the power_state at the end; to empty: as
	// they were.
	to    string
	power int
	// prepare checks the action's arguments and may say what else happens at
	// the end. It changes nothing if it fails.
	prepare func(c *call, s *server, args any) (finish func(), err error)
	// status is the answer's; 0: 202.
	status int
	// rule is the policy rule that keeps the action to administrators.
	rule string
}

var (
	running = []string{"active"}
	steady  = []string{"active", "stopped", "paused", "suspended"}
)

// transitions are the actions, by the member of the body that asks for them.
// reboot is two: see rebootOf.
var transitions = map[string]transition{
	"os-start":            {name: "start", from: []string{"stopped"}, onHost: true, task: "powering-on", to: "active", power: powerRunning},
	"os-stop":             {name: "stop", from: []string{"active", "error"}, onHost: true, task: "powering-off", to: "stopped", power: powerOff},
	"pause":               {name: "pause", from: running, task: "pausing", to: "paused", power: powerPaused},
	"unpause":             {name: "unpause", from: []string{"paused"}, task: "unpausing", to: "active", power: powerRunning},
	"suspend":             {name: "suspend", from: running, task: "suspending", to: "suspended", power: powerSuspended},
	"resume":              {name: "resume", from: []string{"suspended"}, task: "resuming", to: "active", power: powerRunning},
	"shelve":              {name: "shelve", from: steady, task: "shelving", prepare: shelve},
	"unshelve":            {name: "unshelve", from: []string{"shelved", "shelved_offloaded"}, task: "unshelving", to: "active", power: powerRunning, prepare: unshelve},
	"rescue":              {name: "rescue", from: []string{"active", "stopped", "error"}, task: "rescuing", to: "rescued", power: powerRunning, prepare: rescue, status: http.StatusOK},
	"unrescue":            {name: "unrescue", from: []string{"rescued"}, task: "unrescuing", to: "active", power: powerRunning},
	"resize":              {name: "resize", from: []string{"active", "stopped"}, task: "resize_prep", to: "resized", power: powerRunning, prepare: resize},
	"rebuild":             {name: "rebuild", from: []string{"active", "stopped", "error"}, task: "rebuilding", prepare: rebuild},
	"lock":                {name: "lock", unlocked: true, duringTask: true, prepare: lock},
	"unlock":              {name: "unlock", unlocked: true, duringTask: true, prepare: unlock},
	"createImage":         {name: "createImage", from: steady, unlocked: true, task: "image_snapshot_pending", prepare: createImage},
	"confirmResize":       {name: "confirmResize", from: []string{"resized"}, prepare: confirmResize, status: http.StatusNoContent},
	"revertResize":        {name: "revertResize", from: []string{"resized"}, task: "resize_reverting", prepare: revertResize},
	"changePassword":      {name: "changePassword", from: append(slices.Clone(steady), "rescued"), task: "updating_password", prepare: changePassword},
	"os-getConsoleOutput": {name: "get_console_output", onHost: true, unlocked: true, duringTask: true, prepare: consoleOutput, status: http.StatusOK},
	"forceDelete":         {name: "delete", duringTask: true, task: "deleting", prepare: forceDelete},
	"restore":             {name: "restore", from: []string{"soft-delete"}},
	"shelveOffload":       {rule: "os-shelve:shelve_offload"},
	"os-resetState":       {rule: "os-admin-actions:reset_state"},
	"migrate":             {rule: "os-migrate-server:migrate"},
	"os-migrateLive":      {rule: "os-migrate-server:migrate_live"},
	"injectNetworkInfo":   {rule: "os-admin-actions:inject_network_info"},
}

// rebootOf are the two kinds of a reboot.
var rebootOf = map[string]transition{
	"SOFT": {name: "reboot", from: running, task: "rebooting", to: "active", power: powerRunning},
	"HARD": {name: "reboot", from: append(slices.Clone(steady), "error"), task: "rebooting_hard", to: "active", power: powerRunning},
}

func serverAction(c *call) error {
	s := c.servers.byID[c.param(0)]
	if s == nil || !c.visible(s) {
		if s == nil && !isUUID(c.param(0)) {
			return refuse(http.StatusNotFound, "Instance "+c.param(0)+" has no mapping to a cell.")
		}
		return refuse(http.StatusNotFound, "Instance "+c.param(0)+" could not be found.")
	}
	body, ok := c.body()
	if !ok || len(body) != 1 {
		return refuse(http.StatusBadRequest, "Malformed request body")
	}
	for name, args := range body {
		t, known := transitions[name]
		if name == "reboot" {
			fields, isObject := args.(map[string]any)
			if !isObject {
				return invalidField("reboot", args, "is not of type 'object'")
			}
			if t, known = rebootOf[strings.ToUpper(textAt(fields, "type"))]; !known {
				return invalidField("type", fields["type"], "is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']")
			}
		}
		if !known {
			return refuse(http.StatusBadRequest, "There is no such action: "+name)
		}
		return t.run(c, s, args)
	}
	return nil
}

func (t transition) run(c *call, s *server, args any) error {
	if t.rule != "" {
		return refuse(http.StatusForbidden, "Policy doesn't allow os_compute_api:"+t.rule+" to be performed.")
	}
	if s.locked && !t.unlocked && !c.admin() {
		return locked(s)
	}
	if t.onHost && !s.hosted {
		return refuse(http.StatusConflict, "Instance "+s.id+" is not ready")
	}
	if err := t.allowed(s); err != nil {
		return err
	}
	var finish func()
	if t.prepare != nil {
		var err error
		if finish, err = t.prepare(c, s, args); err != nil {
			return err
		}
	}
	c.status = t.status
	if c.status == 0 {
		c.status = http.StatusAccepted
	}
	if t.name == "get_console_output" {
		return nil
	}
	done := c.log(s, t.name)
	if t.task == "" && finish == nil {
		done.end = c.now()
		return nil
	}
	c.start(s, t.task, func() {
		if t.to != "" {
			s.vmState, s.powerState, s.hosted = t.to, t.power, true
			s.fault = ""
		}
		if finish != nil {
			finish()
		}
		done.end = s.updated
	})
	return nil
}

func (t transition) allowed(s *server) error {
	if t.from != nil && !slices.Contains(t.from, s.vmState) {
		return refuse(http.StatusConflict, fmt.Sprintf("Cannot '%s' instance %s while it is in vm_state %s", t.name, s.id, s.vmState))
	}
	if t.name == "reboot" && !s.hosted {
		return refuse(http.StatusConflict, fmt.Sprintf("Instance %s is in an invalid state for 'reboot'", s.id))
	}
	if s.taskState != "" && !t.duringTask {
		return refuse(http.StatusConflict, fmt.Sprintf("Cannot '%s' instance %s while it is in task_state %s", t.name, s.id, s.taskState))
	}
	return nil
}

// start has a server be in a task, and end it when its time is over.
func (c *Cloud) start(s *server, task string, end func()) {
	s.turn++
	s.taskState, s.updated = task, c.now()
	c.step(s, c.opts.Delay, func() {
		s.taskState = ""
		end()
	})
}

// step does something to a server later, unless a newer transition came between.
func (c *Cloud) step(s *server, wait time.Duration, do func()) {
	turn := s.turn
	due := c.now().Add(wait)
	c.after(wait, func() {
		if s.turn == turn {
			s.updated = due
			do()
		}
	})
}

func lock(c *call, s *server, args any) (func(), error) {
	reason := ""
	if fields, ok := args.(map[string]any); ok && c.minor >= 73 {
		if err := (schema{{name: "locked_reason", check: text(1, 255)}}).check("lock", fields, c.minor); err != nil {
			return nil, err
		}
		reason = textAt(fields, "locked_reason")
	}
	s.locked, s.lockedReason = true, reason
	return nil, nil
}

func unlock(_ *call, s *server, _ any) (func(), error) {
	s.locked, s.lockedReason = false, ""
	return nil, nil
}

// arguments checks an action's object.
func (c *call) arguments(name string, args any, fields schema) (map[string]any, error) {
	v, ok := args.(map[string]any)
	if !ok {
		return nil, invalidField(name, args, "is not of type 'object'")
	}
	return v, fields.check(name, v, c.minor)
}

func resize(c *call, s *server, args any) (func(), error) {
	want, err := c.arguments("resize", args, schema{
		{name: "flavorRef", required: true, check: flavorRef}, {name: "OS-DCF:diskConfig", check: oneOf("AUTO", "MANUAL")}})
	if err != nil {
		return nil, err
	}
	f := c.flavor(refText(want["flavorRef"]))
	switch f {
	case nil:
		return nil, refuse(http.StatusBadRequest, "Flavor "+refText(want["flavorRef"])+" could not be found.")
	case s.flavor:
		return nil, refuse(http.StatusBadRequest, "When resizing, instances must change flavor!")
	}
	more := max(0, f.vcpus-s.flavor.vcpus)
	if err := c.computeQuota(c.computeUse(s.project), 0, more, max(0, f.ramMiB-s.flavor.ramMiB)); err != nil {
		return nil, err
	}
	old := resizing{flavor: s.flavor, vmState: s.vmState}
	return func() { s.resized, s.flavor = old, f }, nil
}

func confirmResize(_ *call, s *server, _ any) (func(), error) {
	if s.resized.ending {
		return nil, refuse(http.StatusBadRequest, "Instance has not been resized.")
	}
	s.resized.ending = true
	return func() { s.settleAs(s.resized.vmState) }, nil
}

func revertResize(_ *call, s *server, _ any) (func(), error) {
	return func() {
		s.flavor = s.resized.flavor
		s.settleAs(s.resized.vmState)
	}, nil
}

// settleAs puts a server into active or stopped.
func (s *server) settleAs(vmState string) {
	s.vmState, s.powerState = vmState, powerRunning
	if vmState == "stopped" {
		s.powerState = powerOff
	}
}

func rescue(c *call, _ *server, _ any) (func(), error) {
	c.out.object("", func() { c.out.str("adminPass", c.password()) })
	return nil, nil
}

func changePassword(c *call, _ *server, args any) (func(), error) {
	_, err := c.arguments("changePassword", args, schema{{name: "adminPass", required: true, check: text(0, 0)}})
	return nil, err
}

func consoleOutput(c *call, _ *server, _ any) (func(), error) {
	c.out.object("", func() { c.out.str("output", "") })
	return nil, nil
}

func forceDelete(c *call, s *server, _ any) (func(), error) {
	return func() { c.Cloud.removeServer(s) }, nil
}

// rebuild answers with the server as it begins to be rebuilt.
func rebuild(c *call, s *server, args any) (func(), error) {
	want, err := c.arguments("rebuild", args, schema{
		{name: "imageRef", required: true, check: uuid}, {name: "name", check: text(1, 255)}, {name: "adminPass", check: text(0, 0)},
		{name: "metadata", check: anything}, {name: "preserve_ephemeral", check: boolean}, {name: "OS-DCF:diskConfig", check: oneOf("AUTO", "MANUAL")},
		{name: "accessIPv4", check: address(4)}, {name: "accessIPv6", check: address(6)}, {name: "personality", until: 57, check: list},
		{name: "description", since: 19, check: description}, {name: "key_name", since: 54, check: textOrNull(1, 255)},
		{name: "user_data", since: 57, check: textOrNull(0, 65535)}, {name: "trusted_image_certificates", since: 63, check: anything},
		{name: "hostname", since: 90, check: matching(hostnamePattern, 255)}})
	if err != nil {
		return nil, err
	}
	ref := textAt(want, "imageRef")
	img := c.images.byID[ref]
	if img == nil || !img.usableBy(c.project()) {
		return nil, refuse(http.StatusBadRequest, "Cannot find image for rebuild")
	}
	if s.image == "" && c.minor < 93 {
		return nil, refuse(http.StatusBadRequest, "Image "+ref+" is unacceptable: Unable to rebuild with a different image for a volume-backed server.")
	}
	metadata := s.metadata
	if v, given := want["metadata"]; given {
		if metadata, err = c.metadata(v); err != nil {
			return nil, err
		}
	}
	s.metadata = metadata
	if s.image != "" { // else the image goes onto the boot volume
		s.image, s.imageProperties = ref, maps.Clone(img.properties)
	}
	for field, place := range map[string]*string{"name": &s.name, "description": &s.description, "key_name": &s.keyName, "user_data": &s.userData, "hostname": &s.hostname} {
		if v, given := want[field]; given {
			*place, _ = v.(string)
		}
	}
	end := s.vmState
	if end == "error" {
		end = "active"
	}
	c.header.Set("Location", c.url("/v2.1/servers/"+s.id))
	before := s.taskState
	s.taskState, s.updated = "rebuilding", c.now() // as the answer shows it
	c.out.object("", func() {
		c.writeServer("server", s, true)
		c.out.b = c.out.b[:len(c.out.b)-1]
		c.out.str("adminPass", c.password())
		if c.minor >= 57 {
			c.out.strOrNull("user_data", s.userData)
		}
		c.out.b = append(c.out.b, '}')
	})
	s.taskState = before
	return func() {
		s.settleAs(end)
		s.hosted, s.fault, s.launched = true, "", s.updated
	}, nil
}

// shelve keeps a server as an image, and in the end takes it off its host.
func shelve(c *call, s *server, _ any) (func(), error) {
	img := c.snapshotOf(s, s.name+"-shelved", nil)
	s.shelvedImage = img.id
	cloud := c.Cloud
	return func() {
		s.vmState, s.powerState, s.taskState = "shelved", powerOff, "shelving_offloading"
		cloud.step(s, 0, func() {
			s.vmState, s.taskState, s.hosted = "shelved_offloaded", "", false
		})
	}, nil
}

func unshelve(c *call, s *server, _ any) (func(), error) {
	cloud := c.Cloud
	return func() {
		cloud.images.remove(s.shelvedImage)
		s.shelvedImage, s.launched = "", s.updated
	}, nil
}

// createImage makes an image of a server. From 2.45 on the body names it,
// before that the Location header.
func createImage(c *call, s *server, args any) (func(), error) {
	want, err := c.arguments("createImage", args, schema{{name: "name", required: true, check: text(1, 255)}, {name: "metadata", check: anything}})
	if err != nil {
		return nil, err
	}
	metadata, err := c.metadata(want["metadata"])
	if err != nil {
		return nil, err
	}
	img := c.snapshotOf(s, textAt(want, "name"), metadata)
	if c.minor >= 45 {
		c.out.object("", func() { c.out.str("image_id", img.id) })
	} else {
		c.header.Set("Location", c.base+"/image/images/"+img.id)
		c.header.Set("Content-Type", "text/html; charset=UTF-8")
	}
	return nil, nil
}

// snapshotOf makes the image of a server: queued, then saving, then active. It
// inherits the properties of the image that the server was made of.
func (c *call) snapshotOf(s *server, name string, metadata map[string]string) *image {
	img := c.newImage(c.project(), name)
	img.visibility, img.diskFormat, img.containerFormat = "private", "raw", "bare"
	img.minDiskGiB = s.flavor.diskGiB
	maps.Copy(img.properties, s.imageProperties)
	maps.Copy(img.properties, map[string]string{
		"base_image_ref": s.image, "owner_user_name": c.token.user.Name, "owner_project_name": c.token.project.name,
		"boot_roles": roleNames(c.token.user.roles),
	})
	size := 65536
	if s.image == "" {
		img.properties["bdm_v2"], img.properties["root_device_name"], size = "True", "/dev/vda", 0
	} else {
		img.properties["instance_uuid"], img.properties["user_id"], img.properties["image_type"] = s.id, s.user.id, "snapshot"
	}
	maps.Copy(img.properties, metadata)
	half := c.opts.Delay / 2
	c.after(half, func() { img.become("saving") })
	c.after(c.opts.Delay, func() {
		if img.become("active") {
			img.fill(size)
		}
	})
	return img
}

func roleNames(roles []role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// password makes up an administrator's password, as Nova does.
func (c *Cloud) password() string { return c.hexID()[:12] }

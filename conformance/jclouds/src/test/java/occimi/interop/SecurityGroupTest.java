package occimi.interop;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclouds.openstack.neutron.v2.domain.Rule;
import org.jclouds.openstack.neutron.v2.domain.RuleDirection;
import org.jclouds.openstack.neutron.v2.domain.RuleEthertype;
import org.jclouds.openstack.neutron.v2.domain.RuleProtocol;
import org.jclouds.openstack.neutron.v2.domain.SecurityGroup;
import org.jclouds.openstack.nova.v2_0.options.CreateServerOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Security groups, which CIMI does not have. */
@ExtendWith(Lab.Extension.class)
class SecurityGroupTest {
    @Test
    @DisplayName("Security groups that jclouds and OCCI make")
    void securityGroups(Lab lab, Compared compared) {
        var api = lab.jclouds.securityGroups();
        String byJclouds = api.create(SecurityGroup.createBuilder().name(lab.name("group")).description("made by jclouds").build()).getId();
        lab.undo(() -> api.deleteSecurityGroup(byJclouds));
        api.create(Rule.createBuilder(RuleDirection.INGRESS, byJclouds).ethertype(RuleEthertype.IPV4).protocol(RuleProtocol.TCP)
                .portRangeMin(80).portRangeMax(81).remoteIpPrefix("10.0.0.0/8").build());
        compared.same("group by jclouds", Observer::securityGroup, byJclouds, Lab.asked("name", lab.name("group"),
                "description", "made by jclouds", "inbound", Set.of("tcp:80-81:10.0.0.0/8")));

        String byOcci = lab.occi.create(new Occi.Entity("securitygroup", List.of(), Map.of("occi.core.title", lab.name("group-occi"),
                "occi.core.summary", "made by OCCI", "occi.securitygroup.rules",
                "[{\"type\":\"inbound\",\"protocol\":\"udp\",\"port\":\"53\",\"range\":\"10.0.0.0/8\"}]")));
        lab.undo(() -> api.deleteSecurityGroup(byOcci));
        compared.same("group by OCCI", Observer::securityGroup, byOcci, Lab.asked("name", lab.name("group-occi"),
                "description", "made by OCCI", "inbound", Set.of("udp:53:10.0.0.0/8")));

        String server = lab.machine(lab.jclouds.servers().create(lab.name("group-server"), lab.image, lab.flavor,
                CreateServerOptions.Builder.networks(lab.network).securityGroupNames(lab.name("group"))).getId());
        compared.state("creation by jclouds", server, State.RUNNING);
        compared.same("machine by jclouds", Observer::machine, server, Lab.asked("security groups", Set.of(byJclouds)));
        lab.occi.link("securitygrouplink", server, "/securitygroup/" + byOcci, List.of());
        compared.same("group linked by OCCI", Observer::machine, server, Lab.asked("security groups", Set.of(byJclouds, byOcci)));
        lab.jclouds.servers().delete(server);
        compared.state("delete", server, State.GONE);

        api.deleteSecurityGroup(byJclouds);
        compared.gone("group deleted by jclouds", Observer::securityGroup, byJclouds);
        lab.occi.delete("securitygroup", byOcci);
        compared.gone("group deleted by OCCI", Observer::securityGroup, byOcci);
    }
}

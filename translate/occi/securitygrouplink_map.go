package occi

import (
	"cmp"
	"context"
	"slices"

	"github.com/occimi/occimi/model"
)

// A security group link is a group that the interfaces of a machine have; its id
// is machine_group.

func groupLinkRefs(ctx context.Context, s *Session) ([]string, error) {
	links, err := groupLinkList(ctx, s)
	return idsOf(links, func(e Entity) string { return e.ID }), err
}

func groupLinkList(ctx context.Context, s *Session) ([]Entity, error) { return groupLinks(ctx, s, "") }

// groupLinks gives the links of one machine, or of all with "", from the ports.
// The cloud tells no times: they are in the order of their ids.
func groupLinks(ctx context.Context, s *Session, machineID string) ([]Entity, error) {
	ports, err := machinePorts(ctx, s, machineID)
	if err != nil {
		return nil, err
	}
	var links []Entity
	for _, p := range ports {
		for _, group := range p.SecurityGroupIDs {
			if p.MachineID != "" {
				links = append(links, groupLinkEntity(p.MachineID, group))
			}
		}
	}
	slices.SortFunc(links, func(a, b Entity) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(links, func(a, b Entity) bool { return a.ID == b.ID }), nil
}

func groupLinkEntity(machineID, groupID string) Entity {
	e := Entity{
		Kind:   securityGroupLinkKind,
		ID:     machineID + "_" + groupID,
		Source: End{computeKind.ID, computeKind.Location + machineID},
		Target: End{securityGroupID, securityGroupLocation + groupID},
	}
	e.set(groupLinkState, String(stateActive))
	return e
}

func groupLinkGet(ctx context.Context, s *Session, id string) (Entity, error) {
	if machine, _, ok := splitLink(id); ok {
		links, err := groupLinks(ctx, s, machine)
		if err != nil {
			return Entity{}, err
		}
		for _, e := range links {
			if e.ID == id {
				return e, nil
			}
		}
	}
	return Entity{}, noGroupLink(id)
}

func noGroupLink(id string) error {
	return model.Errorf(model.NotFound, "there is no security group link %s", quoteForMessage(id))
}

func groupLinksOf(ctx context.Context, s *Session, machineID string) (map[string][]Entity, error) {
	if machineID == "" {
		links, err := groupLinkList(ctx, s)
		return bySource(links), err
	}
	links, err := groupLinks(ctx, s, machineID)
	return bySource(links), err
}

func groupLinkCreate(ctx context.Context, s *Session, d *Draft) (Entity, error) {
	groups, err := groupsOf(s)
	if err != nil {
		return Entity{}, err
	}
	return groupLinkEntity(d.SourceID, d.TargetID), groups.AddSecurityGroup(ctx, d.SourceID, d.TargetID)
}

func groupLinkDelete(ctx context.Context, s *Session, id string) error {
	machine, group, ok := splitLink(id)
	if !ok {
		return noGroupLink(id)
	}
	groups, err := groupsOf(s)
	if err != nil {
		return err
	}
	return groups.RemoveSecurityGroup(ctx, machine, group)
}

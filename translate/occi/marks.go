package occi

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/occimi/occimi/model"
)

// How the things of the cloud bear the marks of mixins of users' own: whatever
// has tags, as tags; volumes, which have none, as metadata.

func computeTag(ctx context.Context, s *Session, id string, add, remove []string) error {
	return s.Cloud.TagMachine(ctx, id, add, remove)
}

func networkTag(ctx context.Context, s *Session, id string, add, remove []string) error {
	_, err := s.Cloud.UpdateNetwork(ctx, id, model.NetworkUpdate{AddTags: add, RemoveTags: remove})
	return err
}

func interfaceTag(ctx context.Context, s *Session, id string, add, remove []string) error {
	if strings.HasPrefix(id, floatingPrefix) {
		return model.Errorf(model.Forbidden, "the link to a floating IP cannot carry mixins of your own: give them to its ipreservation")
	}
	_, err := s.Cloud.UpdatePort(ctx, id, model.PortUpdate{AddTags: add, RemoveTags: remove})
	return err
}

func reservationTag(ctx context.Context, s *Session, id string, add, remove []string) error {
	ips, err := floatingIPsOf(s)
	if err != nil {
		return err
	}
	_, err = ips.UpdateFloatingIP(ctx, id, model.FloatingIPUpdate{AddTags: add, RemoveTags: remove})
	return err
}

func securityGroupTag(ctx context.Context, s *Session, id string, add, remove []string) error {
	groups, err := model.Part[model.SecurityGroups](s.Cloud, model.NetworkService)
	if err != nil {
		return err
	}
	_, err = groups.UpdateSecurityGroup(ctx, id, model.SecurityGroupUpdate{AddTags: add, RemoveTags: remove})
	return err
}

func storageTag(ctx context.Context, s *Session, id string, add, remove []string) error {
	volumes, err := volumesOf(s)
	if err != nil {
		return err
	}
	metadata := markMetadata(add)
	for _, mark := range remove {
		metadata[mark] = ""
	}
	_, err = volumes.UpdateVolume(ctx, id, model.VolumeUpdate{Metadata: metadata})
	return err
}

// markMetadata is how a volume bears marks.
func markMetadata(marks []string) map[string]string {
	metadata := make(map[string]string, len(marks))
	for _, mark := range marks {
		metadata[mark] = "1"
	}
	return metadata
}

// metadataMarks are the marks among a volume's metadata.
func metadataMarks(metadata map[string]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(metadata)), func(key string) bool { return !isMark(key) })
}

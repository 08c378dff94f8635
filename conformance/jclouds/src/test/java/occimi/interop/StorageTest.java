package occimi.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jclouds.openstack.nova.v2_0.domain.Image;
import org.jclouds.openstack.nova.v2_0.domain.Volume;
import org.jclouds.openstack.nova.v2_0.options.CreateServerOptions;
import org.jclouds.openstack.nova.v2_0.options.CreateVolumeOptions;
import org.jclouds.openstack.nova.v2_0.options.CreateVolumeSnapshotOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Volumes, their attachments and snapshots, and images of machines. */
@ExtendWith(Lab.Extension.class)
class StorageTest {
    @Test
    @DisplayName("Volumes that all make")
    void volumes(Lab lab, Compared compared) {
        String byJclouds = lab.volume(lab.jclouds.volumes().create(1, CreateVolumeOptions.Builder.name(lab.name("volume"))
                .description("made by jclouds").metadata(Map.of(Jclouds.CIMI_PROPERTY + "use", "data"))).getId());
        awaitVolume(lab, byJclouds, Volume.Status.AVAILABLE);
        compared.same("by jclouds", Observer::volume, byJclouds, Lab.asked("id", byJclouds, "name", lab.name("volume"),
                "description", "made by jclouds", "size, GiB", 1, "usable", true, "properties", Map.of("use", "data"), "snapshots", Set.of()));
        String byOcci = lab.volume(lab.occi.create(new Occi.Entity("storage", List.of(), Map.of(
                "occi.core.title", lab.name("storage"), "occi.core.summary", "made by OCCI", "occi.storage.size", 2))));
        awaitVolume(lab, byOcci, Volume.Status.AVAILABLE);
        compared.same("by OCCI", Observer::volume, byOcci, Lab.asked("id", byOcci, "name", lab.name("storage"),
                "description", "made by OCCI", "size, GiB", 2, "usable", true, "properties", Map.of(), "snapshots", Set.of()));

        for (Cimi cimi : List.of(lab.cimi1, lab.cimi2)) {
            String name = lab.name("volume-v" + cimi.version());
            String id = lab.volume(cimi.createVolume(name, "made by " + cimi.name(), 1, Map.of("use", "data", "tier", "gold")));
            awaitVolume(lab, id, Volume.Status.AVAILABLE);
            Map<String, Object> asked = Lab.asked("id", id, "name", name, "description", "made by " + cimi.name(), "size, GiB", 1,
                    "usable", true, "properties", Map.of("use", "data", "tier", "gold"), "snapshots", Set.of());
            compared.same("by " + cimi.name(), Observer::volume, id, asked);
            cimi.edit("volumes", id, "Volume", CimiClient.object("name", name + "-2", "description", "changed",
                    "capacity", CimiClient.kilobytes(3), "properties", CimiClient.map(Map.of("use", "logs"))));
            asked.putAll(Lab.asked("name", name + "-2", "description", "changed", "size, GiB", 3, "properties", Map.of("use", "logs")));
            awaitVolume(lab, id, Volume.Status.AVAILABLE);
            compared.same("changed by " + cimi.name(), Observer::volume, id, asked);
            cimi.delete("volumes", id);
            awaitGone(lab, id);
            compared.gone("deleted by " + cimi.name(), Observer::volume, id);
        }
        lab.cimi1.delete("volumes", byJclouds);
        awaitGone(lab, byJclouds);
        compared.gone("deleted by CIMI 1", Observer::volume, byJclouds);
        lab.jclouds.volumes().delete(byOcci);
        awaitGone(lab, byOcci);
        compared.gone("deleted by jclouds", Observer::volume, byOcci);
    }

    @Test
    @DisplayName("Volumes that all put on machines, and take off")
    void attachments(Lab lab, Compared compared) {
        String server = lab.machine(lab.jclouds.servers().create(lab.name("volume-server"), lab.image, lab.flavor,
                CreateServerOptions.Builder.networks(lab.network)).getId());
        compared.state("creation by jclouds", server, State.RUNNING);
        String volume = lab.volume(lab.jclouds.volumes().create(1, CreateVolumeOptions.Builder.name(lab.name("volume-moved"))).getId());
        awaitVolume(lab, volume, Volume.Status.AVAILABLE);
        Set<String> on = Set.of(volume + " /dev/vdb");

        lab.jclouds.attachments().attachVolumeToServerAsDevice(volume, server, "/dev/vdb");
        awaitVolume(lab, volume, Volume.Status.IN_USE);
        compared.same("attached by jclouds", Observer::machine, server, Lab.asked("volumes", on));
        compared.same("in use", Observer::volume, volume, Lab.asked("usable", true));
        lab.occi.delete("storagelink", server + "_" + volume);
        awaitVolume(lab, volume, Volume.Status.AVAILABLE);
        compared.same("detached by OCCI", Observer::machine, server, Lab.asked("volumes", Set.of()));

        lab.occi.link("storagelink", server, "/storage/" + volume, List.of());
        awaitVolume(lab, volume, Volume.Status.IN_USE);
        compared.same("attached by OCCI", Observer::machine, server, Lab.asked("volumes", on));
        lab.cimi1.detach(server, volume);
        awaitVolume(lab, volume, Volume.Status.AVAILABLE);
        compared.same("detached by CIMI 1", Observer::machine, server, Lab.asked("volumes", Set.of()));

        lab.cimi1.attach(server, volume, "/dev/vdb");
        awaitVolume(lab, volume, Volume.Status.IN_USE);
        compared.same("attached by CIMI 1", Observer::machine, server, Lab.asked("volumes", on));
        lab.cimi2.detach(server, volume);
        awaitVolume(lab, volume, Volume.Status.AVAILABLE);
        compared.same("detached by CIMI 2", Observer::machine, server, Lab.asked("volumes", Set.of()));

        lab.cimi2.attach(server, volume, "/dev/vdb");
        awaitVolume(lab, volume, Volume.Status.IN_USE);
        compared.same("attached by CIMI 2", Observer::machine, server, Lab.asked("volumes", on));
        lab.jclouds.attachments().detachVolumeFromServer(volume, server);
        awaitVolume(lab, volume, Volume.Status.AVAILABLE);
        compared.same("detached by jclouds", Observer::machine, server, Lab.asked("volumes", Set.of()));

        String key = lab.keyPair(lab.name("volume-key"));
        for (Cimi cimi : List.of(lab.cimi1, lab.cimi2)) {
            String machine = lab.machine(cimi.createMachine(lab.name("volume-machine-v" + cimi.version()),
                    new CimiClient.Machine(lab.image, lab.flavor, key, lab.network, List.of(volume)), Map.of()));
            compared.state("creation by " + cimi.name(), machine, State.RUNNING);
            awaitVolume(lab, volume, Volume.Status.IN_USE);
            compared.same("made with it by " + cimi.name(), Observer::machine, machine, Lab.asked("volumes", on));
            cimi.delete("machines", machine);
            compared.state("delete by " + cimi.name(), machine, State.GONE);
            awaitVolume(lab, volume, Volume.Status.AVAILABLE);
        }
    }

    @Test
    @DisplayName("Snapshots of volumes that jclouds and CIMI make")
    void snapshots(Lab lab, Compared compared) {
        String volume = lab.volume(lab.jclouds.volumes().create(1, CreateVolumeOptions.Builder.name(lab.name("volume-taken"))).getId());
        awaitVolume(lab, volume, Volume.Status.AVAILABLE);
        List<String> snapshots = new ArrayList<>();
        for (Observer maker : List.of(lab.jclouds, lab.cimi1, lab.cimi2)) {
            String name = lab.name("snapshot-" + maker.name().replace(" ", "").toLowerCase());
            String description = "made by " + maker.name();
            String id = lab.snapshot(maker instanceof Cimi cimi ? cimi.snapshot(volume, name, description)
                    : lab.jclouds.volumes().createSnapshot(volume,
                            CreateVolumeSnapshotOptions.Builder.name(name).description(description)).getId());
            snapshots.add(id);
            Await.until("snapshot " + id, () -> lab.jclouds.volumes().getSnapshot(id).getStatus() == Volume.Status.AVAILABLE);
            compared.same(description, Observer::snapshot, id,
                    Lab.asked("id", id, "name", name, "description", description, "usable", true));
            compared.same(description, Observer::volume, volume, Lab.asked("snapshots", new TreeSet<>(snapshots)));
        }

        for (Cimi cimi : List.of(lab.cimi1, lab.cimi2)) {
            String name = lab.name("volume-copy-v" + cimi.version());
            String copy = lab.volume(cimi.createVolumeOf(name, snapshots.get(0)));
            awaitVolume(lab, copy, Volume.Status.AVAILABLE);
            compared.same("copy by " + cimi.name(), Observer::volume, copy, Lab.asked("name", name, "size, GiB", 1, "snapshots", Set.of()));
            assertEquals(snapshots.get(0), lab.jclouds.volumes().get(copy).getSnapshotId());
        }
        String copy = lab.volume(lab.jclouds.volumes().create(2, CreateVolumeOptions.Builder.name(lab.name("volume-copy"))
                .snapshotId(snapshots.get(1))).getId());
        awaitVolume(lab, copy, Volume.Status.AVAILABLE);
        compared.same("copy by jclouds", Observer::volume, copy, Lab.asked("name", lab.name("volume-copy"), "size, GiB", 2));

        lab.cimi1.delete("volumeImages", snapshots.get(0));
        lab.jclouds.volumes().deleteSnapshot(snapshots.get(1));
        lab.cimi2.delete("volumeImages", snapshots.get(2));
        for (String id : snapshots) {
            Await.until("the end of snapshot " + id, () -> lab.jclouds.volumes().getSnapshot(id) == null);
            compared.gone("deleted", Observer::snapshot, id);
        }
        compared.same("without snapshots", Observer::volume, volume, Lab.asked("snapshots", Set.of()));
    }

    private static void awaitVolume(Lab lab, String volume, Volume.Status wanted) {
        Await.until("volume " + volume + " to be " + wanted, () -> lab.jclouds.volumes().get(volume).getStatus() == wanted);
    }

    private static void awaitGone(Lab lab, String volume) {
        Await.until("the end of volume " + volume, () -> lab.jclouds.volumes().get(volume) == null);
    }

    /** Occimi keeps lists of images for some seconds: what others make is among OCCI's templates after that. */
    @Test
    @DisplayName("Images that jclouds, OCCI and CIMI make of a machine")
    void images(Lab lab, Compared compared) {
        String server = lab.machine(lab.jclouds.servers().create(lab.name("image-server"), lab.image, lab.flavor,
                CreateServerOptions.Builder.networks(lab.network)).getId());
        compared.state("creation", server, State.RUNNING);
        List<String> images = new ArrayList<>();
        for (Observer maker : lab.observers) {
            String name = lab.name("image-" + maker.name().replace(" ", "").toLowerCase());
            String image = switch (maker.name()) {
                case "jclouds" -> lab.jclouds.servers().createImageFromServer(name, server);
                case "OCCI" -> lab.occi.save(server, name);
                default -> ((Cimi) maker).capture(server, name);
            };
            images.add(image);
            lab.undo(() -> lab.jclouds.images().delete(image));
            Await.until("image " + image + " to be usable", () -> lab.jclouds.images().get(image).getStatus() == Image.Status.ACTIVE);
            compared.state("image by " + maker.name(), server, State.RUNNING);
            Await.until("a new list of templates", () -> lab.occi.image(image) != null);
            compared.same("image by " + maker.name(), Observer::image, image, Lab.asked("id", image, "name", name));
        }
        images.forEach(lab.jclouds.images()::delete);
        for (String image : images) {
            Await.until("a new list of templates", () -> lab.occi.image(image) == null);
            compared.gone("image deleted", Observer::image, image);
        }
    }
}

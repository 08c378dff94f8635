package occimi.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jclouds.openstack.nova.v2_0.domain.Image;
import org.jclouds.openstack.nova.v2_0.domain.Volume;
import org.jclouds.openstack.nova.v2_0.options.CreateServerOptions;
import org.jclouds.openstack.nova.v2_0.options.CreateVolumeOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Volumes, their attachments, and images of machines. */
@ExtendWith(Lab.Extension.class)
class StorageTest {
    @Test
    @DisplayName("Volumes that jclouds and OCCI make, attached and detached by all")
    void volumes(Lab lab, Compared compared) {
        String key = lab.keyPair(lab.name("volume-key"));
        String server = lab.machine(lab.jclouds.servers().create(lab.name("volume-server"), lab.image, lab.flavor,
                CreateServerOptions.Builder.networks(lab.network)).getId());
        compared.state("creation by jclouds", server, State.RUNNING);

        String byJclouds = lab.volume(lab.jclouds.volumes().create(1, CreateVolumeOptions.Builder.name(lab.name("volume"))
                .description("made by jclouds").metadata(Map.of(Jclouds.CIMI_PROPERTY + "use", "data"))).getId());
        awaitVolume(lab, byJclouds, Volume.Status.AVAILABLE);
        compared.same("volume by jclouds", Observer::volume, byJclouds, Lab.asked("name", lab.name("volume"),
                "description", "made by jclouds", "size, GiB", 1, "properties", Map.of("use", "data")));
        String byOcci = lab.volume(lab.occi.create(new Occi.Entity("storage", List.of(), Map.of(
                "occi.core.title", lab.name("storage"), "occi.core.summary", "made by OCCI", "occi.storage.size", 2))));
        awaitVolume(lab, byOcci, Volume.Status.AVAILABLE);
        compared.same("volume by OCCI", Observer::volume, byOcci, Lab.asked("name", lab.name("storage"),
                "description", "made by OCCI", "size, GiB", 2));

        lab.jclouds.attachments().attachVolumeToServerAsDevice(byJclouds, server, "/dev/vdb");
        awaitVolume(lab, byJclouds, Volume.Status.IN_USE);
        compared.same("attached by jclouds", Observer::machine, server, Lab.asked("volumes", Set.of(byJclouds + " /dev/vdb")));
        compared.same("volume in use", Observer::volume, byJclouds, Lab.asked("usable", true));
        lab.occi.delete("storagelink", server + "_" + byJclouds);
        awaitVolume(lab, byJclouds, Volume.Status.AVAILABLE);
        String link = lab.occi.link("storagelink", server, "/storage/" + byOcci, List.of());
        awaitVolume(lab, byOcci, Volume.Status.IN_USE);
        compared.same("attached by OCCI", Observer::machine, server, Lab.asked("volumes", Set.of(byOcci + " /dev/vdb")));
        lab.jclouds.attachments().detachVolumeFromServer(Occi.lastSegment(link).split("_")[1], server);
        awaitVolume(lab, byOcci, Volume.Status.AVAILABLE);
        compared.same("detached by jclouds", Observer::machine, server, Lab.asked("volumes", Set.of()));

        Map<Cimi, String> volumes = Map.of(lab.cimi1, byJclouds, lab.cimi2, byOcci);
        for (Cimi cimi : List.of(lab.cimi1, lab.cimi2)) {
            String volume = volumes.get(cimi);
            String machine = lab.machine(cimi.createMachine(lab.name("volume-machine-v" + cimi.version()), lab.image, lab.flavor,
                    key, lab.network, volume, Map.of()));
            compared.state("creation by " + cimi.name(), machine, State.RUNNING);
            awaitVolume(lab, volume, Volume.Status.IN_USE);
            compared.same("attached by " + cimi.name(), Observer::machine, machine,
                    Lab.asked("volumes", Set.of(volume + " /dev/vdb")));
            cimi.delete("machines", machine);
            compared.state("delete by " + cimi.name(), machine, State.GONE);
            awaitVolume(lab, volume, Volume.Status.AVAILABLE);
        }

        lab.jclouds.volumes().delete(byJclouds);
        lab.occi.delete("storage", byOcci);
        for (String volume : List.of(byJclouds, byOcci)) {
            Await.until("the end of volume " + volume, () -> lab.jclouds.volumes().get(volume) == null);
            compared.gone("volume deleted", Observer::volume, volume);
        }
    }

    private static void awaitVolume(Lab lab, String volume, Volume.Status wanted) {
        Await.until("volume " + volume + " to be " + wanted, () -> lab.jclouds.volumes().get(volume).getStatus() == wanted);
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

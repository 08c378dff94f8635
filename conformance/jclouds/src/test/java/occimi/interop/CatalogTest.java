package occimi.interop;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.jclouds.openstack.v2_0.domain.Resource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Lab.Extension.class)
class CatalogTest {
    @Test
    @DisplayName("Flavors, images and key pairs of the cloud")
    void catalog(Lab lab, Compared compared) {
        List<Resource> flavors = lab.jclouds.flavors().list().concat().toSortedList((a, b) -> a.getId().compareTo(b.getId()));
        assertFalse(flavors.isEmpty(), "the cloud has no flavors");
        for (Resource flavor : flavors) {
            compared.same("flavor " + flavor.getName(), Observer::flavor, flavor.getId(), Lab.asked());
        }
        compared.same("image", Observer::image, lab.image, Lab.asked());

        String key = Lab.publicKey();
        for (Cimi cimi : List.of(lab.cimi1, lab.cimi2)) {
            String name = cimi.createCredential(lab.name("key-v" + cimi.version()), key);
            lab.undo(() -> lab.jclouds.keyPairs().delete(name));
            compared.same("key pair by " + cimi.name(), Observer::keyPair, name, Lab.asked("public key", key));
            cimi.delete("credentials", name);
            compared.gone("key pair by " + cimi.name(), Observer::keyPair, name);
        }
        String name = lab.keyPair(lab.name("key"));
        compared.same("key pair by jclouds", Observer::keyPair, name, Lab.asked("name", name));
        lab.jclouds.keyPairs().delete(name);
        compared.gone("key pair by jclouds", Observer::keyPair, name);
    }
}

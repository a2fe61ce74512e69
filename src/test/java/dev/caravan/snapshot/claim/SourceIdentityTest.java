package dev.caravan.snapshot.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source is known again, and another is not taken for it. */
class SourceIdentityTest {

  @TempDir Path source;

  @ParameterizedTest
  @CsvSource({
    "verify-postgres-cloned-1763700000-x7k2p, pvc shop/postgres",
    "verify-postgres-cloned-1763786400-abcde, pvc shop/postgres",
    "nightly-29384756-x7k2p, job shop/nightly",
    "nightly-29386196-abcde, job shop/nightly",
    "backup-now-x7k2p, job shop/backup-now",
  })
  void aPodTellsOfItsVolumeOrItsJob(String pod, String identity) {
    assertThat(of(Map.of("HOSTNAME", pod, "KUBERNETES_SERVICE_HOST", "10.0.0.1")))
        .isEqualTo(identity);
  }

  @Test
  void whatIsSaidGoesBeforeWhatIsGuessed() throws Exception {
    Map<String, String> env =
        new LinkedHashMap<>(
            Map.of("HOSTNAME", "nightly-29384756-x7k2p", "KUBERNETES_SERVICE_HOST", "10.0.0.1"));
    env.put("PVC_NAME", "data");
    assertThat(of(env)).isEqualTo("pvc shop/data");
    Files.createDirectories(source.resolve(".caravan"));
    String id = "0b7a3f6e-4a3c-4f62-9f55-2f4f2ad4c8a1";
    Files.writeString(source.resolve(".caravan/store.id"), id + "\n");
    assertThat(of(env)).isEqualTo(id);
    assertThat(identity(env).of(Optional.of("me"), source, "host")).isEqualTo("me");
  }

  @Test
  void elsewhereItIsTheMachineAndTheFolder() throws Exception {
    assertThat(of(Map.of("HOSTNAME", "x"))).isEqualTo("host:" + source.toRealPath());
  }

  private String of(Map<String, String> env) {
    return identity(env).of(Optional.empty(), source, "host");
  }

  private static SourceIdentity identity(Map<String, String> env) {
    Map<String, String> all = new LinkedHashMap<>(env);
    all.put("POD_NAMESPACE", "shop");
    return new SourceIdentity(all);
  }
}

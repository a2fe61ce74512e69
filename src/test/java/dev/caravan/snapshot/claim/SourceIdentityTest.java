package dev.caravan.snapshot.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source is known again, and another is not taken for it. */
class SourceIdentityTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochSecond(29_385_000L * 60), ZoneOffset.UTC);

  @TempDir Path source;

  @ParameterizedTest
  @CsvSource({
    "verify-postgres-cloned-1763700000-x7k2p, pvc shop/postgres",
    "verify-postgres-cloned-1763786400-bcdfg, pvc shop/postgres",
    "verify-a234567890b234567890c234567890d234-cloned-176370000x7k2p,"
        + " pvc shop/a234567890b234567890c234567890d234",
    "verify-a234567890b234567890c234567890d234567-cloned-176370x7k2p,"
        + " pvc shop/a234567890b234567890c234567890d234567",
    "nightly-29384756-x7k2p, job shop/nightly",
    "nightly-29386196-bcdfg, job shop/nightly",
    "a234567890b234567890c234567890d234567890e234567890-2938475x7k2p,"
        + " job shop/a234567890b234567890c234567890d234567890e234567890",
    "backup-now-x7k2p, job shop/backup-now",
    "backup-10000001-x7k2p, job shop/backup-10000001",
    "backup-10000002-x7k2p, job shop/backup-10000002",
    "data-mover, job shop/data-mover",
    "data-rover, job shop/data-rover",
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
    Files.createDirectories(source.resolve(".caravan"));
    String id = "0b7a3f6e-4a3c-4f62-9f55-2f4f2ad4c8a1";
    Files.writeString(source.resolve(".caravan/store.id"), id + "\n");
    assertThat(of(env)).as("a clone of the volume has the same id").isEqualTo("pvc shop/data");
    env.remove("PVC_NAME");
    assertThat(of(env)).isEqualTo(id);
    assertThat(identity(env).of(Optional.of("me"), source, "host")).isEqualTo("me");
  }

  @Test
  void withoutANamespaceVolumesOfOneNameAreNotTakenForOne() {
    Map<String, String> env =
        Map.of("HOSTNAME", "nightly-29384756-x7k2p", "KUBERNETES_SERVICE_HOST", "10.0.0.1");
    Path none = source.resolve("none");
    SourceIdentity unknown = new SourceIdentity(env, none, CLOCK);
    assertThat(unknown.fault(Optional.empty()).orElseThrow())
        .contains("POD_NAMESPACE", "MOVER_OWNER");
    assertThat(unknown.fault(Optional.of("me"))).isEmpty();
    assertThat(new SourceIdentity(Map.of("PVC_NAME", "data"), none, CLOCK).fault(Optional.empty()))
        .isPresent();
    assertThat(new SourceIdentity(Map.of("HOSTNAME", "x"), none, CLOCK).fault(Optional.empty()))
        .isEmpty();
    assertThat(identity(env).fault(Optional.empty())).isEmpty();
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
    return new SourceIdentity(all, CLOCK);
  }
}

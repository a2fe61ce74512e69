package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.S3Settings;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.CountingProxy.Fault;
import dev.caravan.lab.CountingProxy.Weather;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong while a mover is at work, and passes or can be lived with. */
class MoverTroubleIT {

  private static final Duration OUTAGE = Duration.ofSeconds(8);

  @TempDir Path folder;
  private Path source;

  @BeforeEach
  void makeSource() throws Exception {
    source = Files.createDirectory(folder.resolve("source"));
  }

  private CaravanSetup mover(S3Settings bucket) {
    return MoverSetup.in(folder, bucket).env("SOURCE_PATH", source.toString());
  }

  /** As long as it takes a server, or what stands before it, to start anew. */
  @Test
  void aServerThatStartsAnewIsWaitedFor() throws Exception {
    for (int i = 0; i < 24; i++) {
      Trees.write(source.resolve("f" + i), new byte[256 << 10]);
    }
    S3Bucket bucket = S3Server.CEPH.newBucket();
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      CaravanSetup setup =
          mover(bucket.endpoint(proxy.endpoint()).settings()).env("RCLONE_BWLIMIT", "1M");
      try (CaravanProcess mover = setup.launched("datamover")) {
        Awaitility.await("files on their way")
            .atMost(Duration.ofSeconds(60))
            .until(() -> proxy.requests().stream().anyMatch(each -> each.matches("PUT .*/f\\d+")));
        proxy.weather(Weather.REFUSE);
        Awaitility.await("it waits")
            .pollDelay(OUTAGE)
            .atMost(OUTAGE.plusSeconds(5))
            .until(mover::isAlive);
        proxy.weather(Weather.FAIR);
        assertThat(mover.awaitEnd(Duration.ofMinutes(2))).as("%s", mover.logs()).isZero();
        assertThat(proxy.injected(Fault.CUT)).isGreaterThan(1);
      }
    }
  }

  /** Whoever has the prefix above would take what lies there for a snapshot, and write into it. */
  @Test
  void aPrefixThatIsNamedLikeASnapshotIsRefused() throws Exception {
    Trees.write(source.resolve("a"), "a");
    CaravanSetup mover = mover(S3Server.CEPH.newBucket().settings());
    for (String prefix : List.of("2026-11-24-000000", "mine/2026-11-24-000000/x")) {
      Outcome refused = mover.env("CUSTOM_PATH_PREFIX", prefix).cli("datamover");
      assertThat(refused.exitCode()).as("%s", refused).isEqualTo(1);
      assertThat(refused.err())
          .contains("CUSTOM_PATH_PREFIX: '2026-11-24-000000' is what a snapshot is called");
      assertThat(refused.out()).isEmpty();
    }
  }

  @Test
  void routesThatDoNotWorkAreToldAsTheEndOfTheRun() throws Exception {
    Trees.write(source.resolve("a"), "a");
    Path last = folder.resolve("last");
    Path routes = Files.createDirectory(folder.resolve("my routes"));
    CaravanSetup mover =
        mover(S3Server.CEPH.newBucket().settings())
            .env("TERMINATION_MESSAGE_PATH", last.toString())
            .env("MOVER_ROUTES", routes.toString());
    Map<String, String> texts =
        Map.of(
            "- route:\n    id: x\n    bogus: [\n", "datamover.camel.yaml:4: ",
            "- route:\n    from: {uri: 'direct:x', steps: [{nothing: {}}]}\n",
                "datamover.camel.yaml:2: ");
    for (Map.Entry<String, String> each : texts.entrySet()) {
      Files.writeString(routes.resolve("datamover.camel.yaml"), each.getKey());
      Outcome broken = mover.cli("datamover");
      assertThat(broken.exitCode()).as("%s", broken).isEqualTo(1);
      assertThat(broken.out()).contains("\"phase\":\"end\",\"state\":\"failed\"");
      assertThat(broken.out()).contains("its routes do not work: ", each.getValue());
      assertThat(last).content().contains("backup failed", each.getValue());
    }
    // A step of the user's that fails says why, and is no fault of the file.
    Files.writeString(
        routes.resolve("datamover.camel.yaml"),
        """
        - route:
            from:
              uri: direct:datamover.run
              steps:
                - throwException:
                    exceptionType: java.lang.IllegalStateException
                    message: not today
        """);
    Outcome failed = mover.cli("datamover");
    assertThat(failed.exitCode()).as("%s", failed).isEqualTo(1);
    assertThat(failed.out()).contains("\"state\":\"failed\"", "not today");
    assertThat(failed.out()).doesNotContain("its routes do not work");
    assertThat(last).content().contains("backup failed", "not today");

    Outcome missing = mover.env("MOVER_ROUTES", routes + "/none").cli("datamover");
    assertThat(missing.exitCode()).as("%s", missing).isEqualTo(1);
    assertThat(missing.err()).contains("MOVER_ROUTES: ", "none is no folder");
  }

  @Test
  void aMirrorGoesOnBesideAFolderThatCannotBeReadAnyMore() throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().settings();
    Trees.write(source.resolve("d/e/f"), "deep");
    Trees.write(source.resolve("a"), "a");
    CaravanSetup mover = mover(bucket).asUser("nobody").env("SKIP_UNREADABLE", "true");
    Permissions.giveTo("nobody", folder);
    Outcome first = mover.cli("datamover");
    assertThat(first.exitCode()).as("%s", first).isZero();

    Permissions.chmod("000", source.resolve("d"));
    Files.writeString(source.resolve("new"), "new");
    Outcome second = mover.cli("datamover");
    assertThat(second.exitCode()).as("%s", second).isZero();
    assertThat(second.err()).contains("1 sent (3 B)", "1 left out");
    Outcome back = mover.cli("datamover", "restore", "--to", folder.resolve("to").toString());
    assertThat(back.exitCode()).as("%s", back).isZero();
    assertThat(folder.resolve("to/d/e/f")).hasContent("deep");
    assertThat(folder.resolve("to/new")).hasContent("new");
  }
}

package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders, ports and disks that are not what they should be: one clear line, nothing lost. */
class BadPlacesIT {

  @TempDir Path folder;
  private boolean mounted;

  @AfterEach
  void unmount() throws IOException {
    if (mounted) {
      Permissions.unmount(folder.resolve("remote"));
    }
  }

  @Test
  void aStateFolderThatCannotBeWrittenIsNamed() throws Exception {
    CaravanSetup caravan = mirror().asUser("nobody");
    Permissions.giveTo("nobody", folder);
    Permissions.run("chown", "-R", "root", caravan.store().toString());
    Permissions.chmod("755", caravan.store());
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isIn(1, 2);
    assertOneLine(sync, ".caravan");
    assertThat(Trees.snapshot(caravan.store())).hasSize(1);
  }

  @Test
  void aRouteFileThatMayNotBeReadIsWrongConfiguration() throws Exception {
    Path routes = Files.createDirectory(folder.resolve("routes"));
    Path hooks = Files.writeString(routes.resolve("hooks.camel.yaml"), "[]");
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("routes.path=" + routes).asUser("nobody");
    Permissions.giveTo("nobody", folder);
    Permissions.chmod("000", hooks);
    for (String command : List.of("sync", "run")) {
      Outcome refused = caravan.cli(command);
      assertThat(refused.exitCode()).as("%s", refused).isEqualTo(2);
      assertOneLine(refused, hooks + " may not be read");
    }
    assertThat(Trees.snapshot(caravan.remote())).isEmpty();
  }

  @Test
  void aConfigurationInAFolderThatMayNotBeReadIsNotPassedOver() throws Exception {
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(config.resolve("caravan.yaml"), "http: {port: 0}");
    CaravanSetup caravan = CaravanSetup.in(folder).asUser("nobody");
    Permissions.giveTo("nobody", folder);
    Permissions.chmod("000", config);
    Outcome validated = caravan.cli("validate");
    Permissions.chmod("755", config);
    assertThat(validated.exitCode()).as("%s", validated).isEqualTo(2);
    assertOneLine(validated, "config/caravan.yaml: may not be read");
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    CaravanSetup caravan = mirror();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        CaravanProcess daemon = caravan.port(taken.getLocalPort()).launched("run")) {
      assertThat(daemon.awaitEnd(Duration.ofSeconds(30))).as(daemon.logs()).isEqualTo(1);
      assertThat(daemon.err()).contains(Integer.toString(caravan.port())).doesNotContain("\tat ");
    }
  }

  @Test
  void aStoreThatIsAFileIsNamed() throws Exception {
    CaravanSetup caravan = mirror();
    Trees.remove(caravan.store(), false);
    Files.writeString(caravan.store(), "I am a file");
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isIn(1, 2);
    assertOneLine(sync, caravan.store().toString());
    assertThat(caravan.store()).hasContent("I am a file");
  }

  @Test
  void aSecondDaemonIsTurnedAway() throws Exception {
    CaravanSetup caravan = mirror();
    try (CaravanProcess first = caravan.start();
        CaravanProcess second =
            CaravanSetup.in(folder).mirror().port(Ports.free()).launched("run")) {
      assertThat(second.awaitEnd(Duration.ofSeconds(30))).as(second.logs()).isEqualTo(1);
      assertThat(second.err()).contains(".caravan").doesNotContain("\tat ");
      assertThat(first.get("/observe/health/live").status()).isEqualTo(200);
    }
  }

  @Test
  void aFolderRemoteThatIsNotMountedIsNotMade() throws Exception {
    CaravanSetup caravan = mirror();
    Trees.remove(caravan.remote(), false);
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isIn(1, 2);
    assertOneLine(sync, caravan.remote().toString());
    assertThat(caravan.remote()).doesNotExist();
  }

  @Test
  void aFullRemoteLosesNothingAndGoesOnWhenThereIsRoom() throws Exception {
    CaravanSetup caravan = mirror();
    Permissions.mountMemory(caravan.remote(), "size=1m");
    mounted = true;
    Trees.many(caravan.store(), 30, 100_000, 5);
    Outcome full = caravan.cli("sync");
    assertThat(full.exitCode()).as("%s", full).isIn(1, 3);
    assertThat(full.out() + full.err()).containsAnyOf("full", "space").doesNotContain("\tat ");
    assertThat(Trees.differences(Trees.snapshot(caravan.store()), Trees.snapshot(caravan.remote())))
        .isNotEmpty()
        .allMatch(line -> line.startsWith("missing: "));

    Permissions.remount(caravan.remote(), "size=16m");
    Outcome wide = caravan.cli("sync");
    assertThat(wide.exitCode()).as("%s", wide).isZero();
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }

  @Test
  void aReadOnlyRemoteIsNamed() throws Exception {
    CaravanSetup caravan = mirror();
    Permissions.mountMemory(caravan.remote(), "size=4m");
    mounted = true;
    assertThat(caravan.cli("sync").exitCode()).isZero();
    Permissions.remount(caravan.remote(), "ro");
    Trees.write(caravan.store().resolve("b.txt"), "b");
    Files.delete(caravan.store().resolve("a.txt"));
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isIn(1, 3);
    assertThat(sync.out() + sync.err()).containsIgnoringCase("read-only").contains("disk");
    assertThat(caravan.remote().resolve("a.txt")).exists();
  }

  private CaravanSetup mirror() throws IOException {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    Trees.write(caravan.store().resolve("a.txt"), "a");
    return caravan;
  }

  private static void assertOneLine(Outcome outcome, String named) {
    assertThat(outcome.complaints()).as("%s", outcome).hasSize(1);
    assertThat(outcome.complaints().get(0)).contains(named).doesNotContain("Exception");
  }
}

package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.route.RouteFaultsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A remote made of the operator's own endpoints, in a whole mirror. */
class OwnRemoteTest {

  @TempDir Path folder;

  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void filesAreSentWithTheirNamesAndNothingIsClaimedToBeProven() throws Exception {
    config("put: 'file:%s'".formatted(folder.resolve("own")));
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      Map<String, @Nullable Object> run =
          world.write("a/b.txt", "12345").write("empty", "").write("ü ☃ x", "name").sync();
      assertThat(run).as("%s", run).containsEntry("state", "succeeded");
      assertThat(folder.resolve("own/a/b.txt")).hasContent("12345");
      assertThat(folder.resolve("own/empty")).isEmptyFile();
      assertThat(folder.resolve("own/ü ☃ x")).hasContent("name");
      assertThat(folder.resolve("own/.caravan")).doesNotExist();

      Map<String, @Nullable Object> file = file(world, "a/b.txt");
      assertThat(file).containsEntry("state", "synced");
      assertThat(file.get("remotes"))
          .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
          .extractingByKey("own")
          .hasToString("{state=sent, verified_at=null}");
      Map<?, ?> remote =
          (Map<?, ?>) ((List<?>) world.app().views().storage().get("remotes")).get(0);
      assertThat(remote.get("verified")).isEqualTo(0L);
      assertThat(remote.get("pending")).isEqualTo(0L);
      assertThat(remote.get("state")).isEqualTo("ok");

      assertThat(world.sync().get("counts").toString()).contains("uploaded=0");
      world.write("a/b.txt", "other");
      assertThat(world.sync()).containsEntry("state", "succeeded");
      assertThat(folder.resolve("own/a/b.txt")).hasContent("other");
    }
  }

  @Test
  void aBigFileIsNotHeldInMemory() throws Exception {
    config("put: 'file:%s'".formatted(folder.resolve("own")));
    long size = Runtime.getRuntime().maxMemory() / 4;
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      world.write("big", "");
      byte[] block = new byte[1 << 20];
      try (var out = Files.newOutputStream(folder.resolve("store/big"))) {
        for (long written = 0; written < Math.min(size, 64L << 20); written += block.length) {
          out.write(block);
        }
      }
      assertThat(world.sync()).containsEntry("state", "succeeded");
      assertThat(folder.resolve("own/big")).hasSameBinaryContentAs(folder.resolve("store/big"));
    }
  }

  @Test
  void anExceptionIsTriedAgainAndThenAFailedItem() throws Exception {
    config("put: direct:mine");
    RoutesWorld.routes(folder, "mine.camel.yaml", route("mine", "process: {ref: failing}"));
    try (RoutesWorld world = start()) {
      Map<String, @Nullable Object> run = world.write("passes", "1").write("stays", "1").sync();
      assertThat(run).as("%s", run).containsEntry("state", "partial");
      assertThat(calls.get()).isEqualTo(2 + 5);
      assertThat(file(world, "passes").get("remotes").toString()).contains("state=sent");
      assertThat(file(world, "stays").get("remotes").toString())
          .contains("state=failed", "Remote 'own' failed to put stays: not today");
    }
  }

  @Test
  void whatItsOwnerDeletedStaysWithAReasonUnlessItMayBeDeleted() throws Exception {
    config("put: 'file:%s'".formatted(folder.resolve("own")));
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      world.write("a", "1").write("b", "1").sync();
      assertThat(deleted(world, "a").get("counts").toString()).contains("trashed=0", "deleted=0");
      assertThat(folder.resolve("own/a")).exists();
    }
    assertThat(Files.exists(folder.resolve("own/.caravan"))).isFalse();
  }

  @Test
  void withMirrorTheDeleteEndpointIsTold() throws Exception {
    config("put: 'file:%s', delete: direct:mine".formatted(folder.resolve("own")));
    RoutesWorld.routes(folder, "mine.camel.yaml", route("mine", "process: {ref: deleting}"));
    try (RoutesWorld world = start("storage.deletes=mirror")) {
      world.write("a", "1").write("b", "1").sync();
      Map<String, @Nullable Object> run = deleted(world, "a");
      assertThat(run.get("counts").toString()).contains("deleted=1");
      assertThat(folder.resolve("own/a")).doesNotExist();
      assertThat(folder.resolve("own/b")).exists();
    }
  }

  @Test
  void getGivesTheContentBackInParts() throws Exception {
    config("put: 'file:%s', get: direct:mine".formatted(folder.resolve("own")));
    RoutesWorld.routes(folder, "mine.camel.yaml", route("mine", "process: {ref: reading}"));
    try (RoutesWorld world = start()) {
      world.write("a", "0123456789").sync();
      Remote remote = world.app().operations().sync().roster().remotes().get(0).remote();
      try (InputStream in = remote.open(new ObjectKey("a"), 3, 4)) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("3456");
      }
      assertThatThrownBy(() -> remote.open(new ObjectKey("b"), 0, -1))
          .isInstanceOfSatisfying(
              RemoteException.class,
              e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.NO_SUCH_OBJECT));
    }
  }

  @Test
  void anEndpointThatCannotBeIsNamedBeforeAnythingStarts() throws Exception {
    config("put: 'nosuch:thing?password=hidden'");
    assertThatThrownBy(() -> RoutesWorld.start(folder))
        .isInstanceOf(RouteFaultsException.class)
        .message()
        .contains("own.put", "nosuch")
        .doesNotContain("hidden");
    config("put: direct:nobody");
    assertThatThrownBy(() -> RoutesWorld.start(folder))
        .hasMessage("own.put: no route serves direct:nobody");
  }

  private Map<String, @Nullable Object> deleted(RoutesWorld world, String path) throws Exception {
    Files.delete(folder.resolve("store").resolve(path));
    world.sync();
    Map<String, @Nullable Object> run = world.sync();
    assertThat(run).as("%s", run).containsEntry("state", "succeeded");
    return run;
  }

  private static Map<String, @Nullable Object> file(RoutesWorld world, String path) {
    List<?> files =
        (List<?>) world.app().views().files(path, Optional.empty(), "", 10).get("files");
    @SuppressWarnings("unchecked")
    Map<String, @Nullable Object> file = (Map<String, @Nullable Object>) files.get(0);
    return file;
  }

  private RoutesWorld start(String... sets) throws Exception {
    AtomicBoolean once = new AtomicBoolean();
    Processor failing =
        exchange -> {
          String path = exchange.getMessage().getHeader("CamelCaravanStorePath", String.class);
          calls.incrementAndGet();
          if (path.equals("stays") || once.compareAndSet(false, true)) {
            throw new IllegalStateException("not today");
          }
          exchange.getMessage().getBody(byte[].class);
        };
    Processor deleting = exchange -> Files.delete(own(exchange));
    Processor reading =
        exchange ->
            exchange
                .getMessage()
                .setBody(Files.exists(own(exchange)) ? Files.newInputStream(own(exchange)) : null);
    return RoutesWorld.start(
        folder, Map.of("failing", failing, "deleting", deleting, "reading", reading), sets);
  }

  private Path own(Exchange exchange) {
    return folder
        .resolve("own")
        .resolve(exchange.getMessage().getHeader("CamelCaravanObjectKey", String.class));
  }

  private void config(String endpoints) throws IOException {
    Files.writeString(
        folder.resolve("caravan.yaml"),
        """
        store: {path: store}
        storage:
          transfers: 1
          remotes: [{provider: camel, name: own, %s}]
        routes: {path: routes}
        """
            .formatted(endpoints));
  }

  private static String route(String id, String steps) {
    return """
    - route:
        id: %1$s
        from:
          uri: direct:%1$s
          steps: [{%2$s}]
    """
        .formatted(id, steps);
  }
}

package dev.caravan.check.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.Catalog;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads that somebody began at a remote and never ended. */
class ForeignUploadsTest {

  private static final Instant NOW = Instant.parse("2026-11-22T06:00:00Z");

  @TempDir Path folder;

  private static Remote.Begun begun(String key, int hoursAgo) {
    return new Remote.Begun(new ObjectKey(key), NOW.minus(Duration.ofHours(hoursAgo)));
  }

  private Optional<String> look(Remote.Begun... begun) throws Exception {
    Remote remote =
        (Remote)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Remote.class},
                (proxy, method, arguments) ->
                    method.getName().equals("name") ? "far" : List.of(begun));
    try (Catalog catalog = Catalog.open(folder)) {
      catalog.commit(session -> catalog.remotes().insert(session, "far", "far://"));
      int id = catalog.remotes().find("far").orElseThrow().id();
      catalog.commit(session -> catalog.uploads().recordBegun(session, id, "ours", 1));
      return new ForeignUploads(catalog).look(remote, id, NOW);
    }
  }

  @Test
  void whatTheStoreKnowsNothingOfIsToldWithTheOldest() throws Exception {
    assertThat(look(begun("x", 30), begun("ours", 90), begun("y/z", 50)).orElseThrow())
        .contains("'far'", "2 uploads", "'y/z'", "2026-11-20T04:00:00Z");
  }

  @Test
  void whatWasBegunLatelyOrIsOurOwnIsNotTold() throws Exception {
    assertThat(look(begun("x", 20), begun("ours", 90))).isEmpty();
  }
}

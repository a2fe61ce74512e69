package dev.caravan.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.FileView;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Watches the remotes from behind, and says what must hold after every cycle. */
final class Oracle {

  private static final String TRASH = "[.]caravan/trash/[0-9-]{10}/";

  private final Owner owner;
  private final List<FlakyRemote> remotes;

  /** How many cycles may have seen that a file is not in the store. */
  private final Map<String, Integer> looks = new HashMap<>();

  private Map<String, Map<String, String>> before = Map.of();
  private Map<String, String> storeBefore = Map.of();

  Oracle(Owner owner, List<FlakyRemote> remotes) {
    this.owner = owner;
    this.remotes = remotes;
  }

  /**
   * Takes note of how things stand before a cycle.
   *
   * @param excludesSkip whether {@code skip/} is excluded
   */
  void before(boolean excludesSkip) throws IOException {
    Map<String, Map<String, String>> held = new HashMap<>();
    Map<String, String> store = owner.holds();
    for (FlakyRemote remote : remotes) {
      held.put(remote.name(), remote.holds());
      for (String path : remote.files().keySet()) {
        looks.putIfAbsent(path, 0);
      }
    }
    looks.replaceAll(
        (path, seen) ->
            store.containsKey(path) ? 0 : excludesSkip && isSkip(path) ? seen : seen + 1);
    before = held;
    storeBefore = store;
  }

  static boolean isSkip(String path) {
    return path.startsWith("skip/");
  }

  void after(SyncWorld world) throws IOException {
    assertThat(owner.holds()).as("the store is its owner's").isEqualTo(storeBefore);
    for (FlakyRemote remote : remotes) {
      nothingIsLost(remote);
      nothingIsTorn(remote);
    }
    for (FileView file : world.files()) {
      for (FlakyRemote remote : remotes) {
        verifiedMeansHeld(file, remote);
      }
    }
  }

  private void nothingIsLost(FlakyRemote remote) {
    Map<String, String> now = remote.holds();
    before
        .get(remote.name())
        .forEach(
            (key, sha256) -> {
              if (now.containsKey(key)) {
                if (key.matches(TRASH + ".*")) {
                  assertThat(now.get(key)).as("%s in the trash", key).isEqualTo(sha256);
                }
                return;
              }
              assertThat(key).as("object lost at %s", remote.name()).doesNotMatch(TRASH + ".*");
              assertThat(looks.get(key)).as("looks for %s", key).isGreaterThanOrEqualTo(2);
              Map<String, String> trash = new TreeMap<>(now);
              trash.keySet().removeIf(each -> !each.matches(TRASH + "\\Q" + key + "\\E(~[0-9]+)*"));
              assertThat(trash).as("trash of %s for %s", remote.name(), key).containsValue(sha256);
            });
  }

  private void nothingIsTorn(FlakyRemote remote) {
    remote
        .files()
        .forEach(
            (key, sha256) ->
                assertThat(owner.everWrote(key, sha256))
                    .as("%s at %s is a version that was written", key, remote.name())
                    .isTrue());
  }

  private static void verifiedMeansHeld(FileView file, FlakyRemote remote) {
    FileView.CopyView copy = file.copies().get(remote.name());
    if (copy != null && copy.state().equals("verified")) {
      assertThat(remote.files())
          .as("%s (%s) is verified at %s", file.path(), file.state(), remote.name())
          .containsEntry(file.path(), file.sha256().orElse("no checksum"));
    }
  }
}

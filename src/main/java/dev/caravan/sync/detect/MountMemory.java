package dev.caravan.sync.detect;

import dev.caravan.catalog.Catalog;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreMounts;
import dev.caravan.sync.plan.SyncHalt;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Remembers which folders of the store are mounts, so that one that is away is noticed. */
public final class MountMemory {

  private static final String MOUNTS = "mounts";
  private static final int NAMED_MAX = 3;

  private final Catalog catalog;
  private final StoreMounts mounts;
  private final List<String> remembered;
  private final List<String> away;
  private final Optional<SyncHalt> halt;

  /**
   * @param agreed whether a person agreed that what is away is away for good
   */
  public MountMemory(Catalog catalog, StoreMounts mounts, Predicate<SyncHalt> agreed) {
    this.catalog = catalog;
    this.mounts = mounts;
    this.remembered = catalog.findMeta(MOUNTS).stream().flatMap(String::lines).toList();
    List<String> gone = mounts.away(remembered);
    Optional<SyncHalt> found = gone.isEmpty() ? Optional.empty() : Optional.of(refused(gone));
    this.halt = found.filter(agreed.negate());
    this.away = halt.isPresent() ? gone : List.of();
  }

  private static SyncHalt refused(List<String> gone) {
    String more = gone.size() > NAMED_MAX ? " and %d more".formatted(gone.size() - NAMED_MAX) : "";
    return new SyncHalt(
        SyncHalt.Kind.MOUNT_AWAY,
        ("Another disk was mounted at %s%s in the store, and is not now: mount it again. No file is"
                + " deleted anywhere until then. If it is gone for good, approve: caravan sync"
                + " --accept-halt")
            .formatted(
                gone.stream()
                    .limit(NAMED_MAX)
                    .map(folder -> "'" + folder + "'")
                    .collect(Collectors.joining(", ")),
                more));
  }

  /** The folders whose disk is away: what the catalog knows below them is unknown, not gone. */
  public List<String> away() {
    return away;
  }

  /** Why deletions have to wait. */
  public Optional<SyncHalt> halt() {
    return halt;
  }

  StoreMounts mounts() {
    return mounts;
  }

  /** True for a file that belongs on a disk that is away. */
  public boolean isAway(StorePath path) {
    return away.stream().anyMatch(path::isWithin);
  }

  /**
   * Remembers what this scan saw, what is still away, and what is mounted without a file on it: all
   * of its files may have left to give space back.
   */
  public void record() {
    TreeSet<String> all = new TreeSet<>(mounts.seen());
    all.addAll(away);
    remembered.stream().filter(mounts::isMounted).forEach(all::add);
    String text = String.join("\n", all);
    if (!text.equals(catalog.findMeta(MOUNTS).orElse(""))) {
      catalog.commit(session -> catalog.recordMeta(session, MOUNTS, text));
    }
  }
}

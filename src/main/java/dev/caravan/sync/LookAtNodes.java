package dev.caravan.sync;

import dev.caravan.catalog.node.NodeRow;
import dev.caravan.config.MaxDelete;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.node.LinkRule;
import dev.caravan.store.node.NodeMaker;
import dev.caravan.store.scan.StoreScan;
import dev.caravan.sync.detect.NodeDetector;
import dev.caravan.sync.detect.StoreDetector;
import dev.caravan.sync.plan.SyncHalt;
import dev.caravan.sync.plan.SyncReason;
import java.util.Collection;
import java.util.Optional;

/** What a look at the store finds beside files: folders, and links, which are not followed. */
final class LookAtNodes {

  private final SyncContext context;
  private final StoreScan scan;
  private final StoreDetector.SkipListener skips;
  private final NodeMaker nodes;
  private Optional<NodeDetector> detector = Optional.empty();

  LookAtNodes(SyncContext context, StoreScan scan, StoreDetector.SkipListener skips) {
    this.context = context;
    this.scan = scan;
    this.skips = skips;
    this.nodes = new NodeMaker(context.tree());
  }

  /**
   * Makes ready.
   *
   * @param files knows which places could not be read
   */
  void begin(StoreDetector files) {
    detector =
        Optional.of(
            new NodeDetector(
                context.catalog(),
                !context.dryRun(),
                nodes::targetOf,
                row -> isLookedAt(row) && !files.isUnknown(row.path())));
  }

  private boolean isLookedAt(NodeRow row) {
    return row.isFolder() ? scan.looksInto(row.path()) : context.admits().test(row.path());
  }

  void folder(FileStat stat) {
    detector.orElseThrow().seen(stat);
  }

  /** A link that leads out of the store is known as well, and will not be restored. */
  void link(FileStat stat) {
    detector.orElseThrow().seen(stat);
    StorePath path = stat.path();
    nodes
        .targetOf(path)
        .flatMap(target -> LinkRule.refusal(path, target))
        .ifPresent(
            why ->
                skips.skipped(
                    path,
                    SyncReason.SYMLINK,
                    "a symbolic link that " + why + "; it is not followed, and not restored"));
  }

  void finish() {
    detector.orElseThrow().finish();
  }

  /** Why what is missing must not be forgotten without a person. */
  Optional<SyncHalt> judge(MaxDelete max) {
    return detector.orElseThrow().judge(max);
  }

  void settle(boolean mayForget, Collection<Integer> remotes) {
    detector.orElseThrow().settle(mayForget, remotes);
  }
}

package dev.caravan.snapshot.move;

import dev.caravan.remote.Remote;
import dev.caravan.snapshot.claim.PrefixClaim;
import dev.caravan.snapshot.env.MoverSettings;
import dev.caravan.store.StoreTree;
import java.time.Clock;

/**
 * What a backup works with.
 *
 * @param owner whose source this is
 * @param tool what stands in the manifest as its author: {@code caravan 1.2.3}
 * @param remote the prefix in the bucket
 * @param counts what was done
 */
public record MoverWorld(
    MoverSettings settings,
    String owner,
    String tool,
    StoreTree tree,
    Remote remote,
    PrefixClaim claim,
    MoverCounts counts,
    Clock clock) {

  /** True for a mirror, false for snapshots. */
  boolean mirror() {
    return !settings.dated();
  }

  /** The source, for people. */
  String source() {
    return settings.source().toString();
  }
}

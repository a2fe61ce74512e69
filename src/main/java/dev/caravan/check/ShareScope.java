package dev.caravan.check;

import dev.caravan.catalog.check.ProofTable;
import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.catalog.check.ProofTable.Total;
import dev.caravan.catalog.check.SeenTable.Seen;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Today's share of what lies at a remote: what was proven the longest ago, and so much of it that
 * within the cycle everything is proven anew.
 */
final class ShareScope implements Scope {

  /** Each page is sorted out of all that is known, so a few big ones are better. */
  private static final int PAGE = 10_000;

  private final ProofTable proofs;
  private final CheckRemote remote;
  private final Duration cycle;
  private final Clock clock;
  private long left;

  ShareScope(CheckWorld world, CheckRemote remote, Clock clock) {
    this.proofs = new ProofTable(world.catalog());
    this.remote = remote;
    this.cycle = world.daily().settings().cycle();
    this.clock = clock;
  }

  @Override
  public Total begin(BooleanSupplier cancelled) {
    if (cycle.isZero()) {
      return new Total(0, 0);
    }
    Duration pause = CheckSchedule.pause(cycle);
    Total all = proofs.count(remote.id());
    double part = (double) pause.toMillis() / cycle.toMillis();
    // What would be too old by the next time, also when days were left out.
    long due = proofs.countOlder(remote.id(), clock.millis() + pause.toMillis() - cycle.toMillis());
    left = Math.min(all.files(), Math.max(due, (long) Math.ceil(all.files() * part)));
    long bytes = all.files() == 0 ? 0 : all.bytes() / all.files() * left;
    return new Total(left, bytes);
  }

  @Override
  public synchronized List<Proof> page(Optional<Proof> after) {
    List<Proof> page =
        left == 0 ? List.of() : proofs.oldest(remote.id(), after, (int) Math.min(PAGE, left));
    left -= page.size();
    return page;
  }

  @Override
  public List<Seen> strays(Optional<Seen> after) {
    return List.of();
  }

  @Override
  public void end() {
    // It left nothing in the catalog.
  }
}

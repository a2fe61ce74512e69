package dev.caravan.purge;

import dev.caravan.catalog.purge.PurgeTable.Candidate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Decides which files may leave the disk. Pure: it looks at nothing but its arguments. */
final class PurgePlanner {

  private static final long NANOS_PER_MILLI = 1_000_000;

  private PurgePlanner() {}

  /** Why a file has to stay, as far as the catalog can tell; empty when it may be asked for. */
  static Optional<PurgeReason> reasonToKeep(Candidate file, PurgePolicy policy, Instant now) {
    if (policy.guarded().test(file.path())) {
      return Optional.of(PurgeReason.PROTECTED);
    }
    if (!policy.admits().test(file.path())) {
      return Optional.of(PurgeReason.EXCLUDED);
    }
    if (!policy.included().test(file.path())) {
      return Optional.of(PurgeReason.NOT_INCLUDED);
    }
    return reasonOfAge(file, policy, now.toEpochMilli())
        .or(() -> file.missing() ? Optional.of(PurgeReason.MISSING) : Optional.empty())
        .or(() -> notProven(file, policy));
  }

  private static Optional<PurgeReason> reasonOfAge(
      Candidate file, PurgePolicy policy, long nowMillis) {
    if (isWithin(policy.minAge(), file.modifiedNs() / NANOS_PER_MILLI, nowMillis)) {
      return Optional.of(PurgeReason.TOO_YOUNG);
    }
    if (file.readMillis() > 0 && isWithin(policy.minAge(), file.readMillis(), nowMillis)) {
      return Optional.of(PurgeReason.READ_RECENTLY);
    }
    long usedMillis = file.usedNs() / NANOS_PER_MILLI;
    return policy
        .olderThan()
        .filter(age -> isWithin(age, usedMillis, nowMillis))
        .map(age -> PurgeReason.NOT_OLD_ENOUGH);
  }

  /** What lies in the future is young: a clock was turned, and nobody can say by how much. */
  private static boolean isWithin(Duration age, long millis, long nowMillis) {
    return !age.isZero() && nowMillis - millis < age.toMillis();
  }

  private static Optional<PurgeReason> notProven(Candidate file, PurgePolicy policy) {
    return file.proven() < policy.copies() ? Optional.of(PurgeReason.NOT_PROVEN) : Optional.empty();
  }
}

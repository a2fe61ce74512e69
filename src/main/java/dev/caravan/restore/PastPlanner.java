package dev.caravan.restore;

import dev.caravan.catalog.past.PastFacts;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides what the version of a file was at a time: the one that the remote held then. Pure: it
 * looks at nothing but its arguments.
 */
final class PastPlanner {

  private static final long NANOS = 1_000_000_000L;

  private PastPlanner() {}

  /** What is known of one file at one remote. */
  sealed interface Verdict {}

  /** It can be had. */
  record Held(PastFile.Source source) implements Verdict {}

  /** There was no such file. */
  record Absent(String why) implements Verdict {}

  /** It cannot be had, or nobody can tell which version it was. */
  record Unknown(String why) implements Verdict {}

  /**
   * Decides for one remote.
   *
   * @param id the remote's number in the catalog
   * @param listed what the remote itself tells of that time, where it keeps versions
   */
  static Verdict judge(
      PastFacts facts, Remote remote, int id, Optional<Remote.Past.Moment> listed, Instant at) {
    Optional<PastFacts.Copy> copy =
        facts.copies().stream().filter(each -> each.remote() == id).findFirst();
    if (copy.isPresent() && isBefore(copy.get().storedAt(), at)) {
      return new Held(current(facts, remote, copy.get(), false));
    }
    for (PastFacts.Trashed each : facts.trash()) {
      if (each.remote() == id && isBefore(each.storedAt(), at) && at.isBefore(each.from())) {
        return new Held(trashed(remote, each, false));
      }
    }
    if (listed.isPresent()) {
      return byListing(facts, remote, id, listed.get(), at);
    }
    return trashByTime(facts, remote, id, at)
        .or(() -> currentByTime(facts, remote, id, copy, at))
        .or(() -> later(facts, at))
        .orElseGet(() -> new Unknown(notKept(remote, "it was replaced since, or came later")));
  }

  private static Verdict byListing(
      PastFacts facts, Remote remote, int id, Remote.Past.Moment listed, Instant at) {
    return switch (listed.state()) {
      case HELD -> new Held(version(facts, remote, listed));
      case DELETED -> new Absent("it had been deleted");
      case LATER ->
          trashByTime(facts, remote, id, at)
              .or(() -> later(facts, at))
              .orElseGet(() -> new Unknown(notKept(remote, "it came later")));
      case REPLACED ->
          trashByTime(facts, remote, id, at)
              .or(() -> later(facts, at))
              .orElseGet(() -> new Unknown(notKept(remote, "it was replaced since")));
    };
  }

  private static PastFile.Source version(
      PastFacts facts, Remote remote, Remote.Past.Moment listed) {
    return new PastFile.Source(
        remote,
        listed.key(),
        Optional.of(listed.version()),
        OptionalLong.empty(),
        OptionalLong.empty(),
        facts.file().map(PastFacts.Known::mode).orElse(0),
        Optional.empty(),
        false);
  }

  /** Where the arrival is not on record, the file's own time has to do. */
  private static Optional<Verdict> trashByTime(PastFacts facts, Remote remote, int id, Instant at) {
    return facts.trash().stream()
        .filter(each -> each.remote() == id && each.storedAt().isEmpty())
        .filter(each -> at.isBefore(each.from()))
        .findFirst()
        .map(each -> trashed(remote, each, true))
        .filter(source -> isEarlyEnough(source, at))
        .map(Held::new);
  }

  /** What was deleted after that time was there before whatever has its name now. */
  private static Optional<Verdict> currentByTime(
      PastFacts facts, Remote remote, int id, Optional<PastFacts.Copy> copy, Instant at) {
    boolean deletedSince =
        facts.trash().stream().anyMatch(each -> each.remote() == id && at.isBefore(each.until()));
    return copy.filter(each -> each.storedAt().isEmpty() && !deletedSince)
        .map(each -> current(facts, remote, each, true))
        .filter(source -> isEarlyEnough(source, at))
        .map(Held::new);
  }

  private static String notKept(Remote remote, String what) {
    return "remote '%s' keeps no version of it from that time: %s".formatted(remote.name(), what);
  }

  /** A file that was neither known nor written by then is a later one. */
  private static Optional<Verdict> later(PastFacts facts, Instant at) {
    boolean fileLater =
        facts.file().isEmpty()
            || (facts.file().get().knownAt().filter(at::isBefore).isPresent()
                && isAfter(facts.file().get().modifiedNs(), at));
    boolean trashLater =
        facts.trash().stream()
            .allMatch(
                each ->
                    !each.until().isAfter(at)
                        || (each.knownAt().filter(at::isBefore).isPresent()
                            && each.modifiedNs().isPresent()
                            && isAfter(each.modifiedNs().getAsLong(), at)));
    boolean knownAtAll = facts.file().isPresent() || !facts.trash().isEmpty();
    return fileLater && trashLater && knownAtAll
        ? Optional.of(new Absent("it came later, or was deleted before"))
        : Optional.empty();
  }

  /** Whether the file's own time, where it is known, allows that it was there by then. */
  static boolean isEarlyEnough(PastFile.Source source, Instant at) {
    return !source.byTime()
        || source.modifiedNs().isEmpty()
        || !isAfter(source.modifiedNs().getAsLong(), at);
  }

  private static PastFile.Source current(
      PastFacts facts, Remote remote, PastFacts.Copy copy, boolean byTime) {
    Optional<PastFacts.Known> same =
        facts.file().filter(file -> file.sha256().equals(Optional.of(copy.sha256())));
    return new PastFile.Source(
        remote,
        ObjectKey.of(facts.path()),
        Optional.empty(),
        OptionalLong.of(copy.sizeBytes()),
        same.isPresent() ? OptionalLong.of(same.get().modifiedNs()) : OptionalLong.empty(),
        facts.file().map(PastFacts.Known::mode).orElse(0),
        Optional.of(copy.sha256()),
        byTime);
  }

  private static PastFile.Source trashed(Remote remote, PastFacts.Trashed each, boolean byTime) {
    return new PastFile.Source(
        remote,
        ObjectKey.own("trash/" + each.day() + "/" + each.name()),
        Optional.empty(),
        each.sizeBytes(),
        each.modifiedNs(),
        each.mode(),
        each.sha256(),
        byTime);
  }

  private static boolean isBefore(Optional<Instant> time, Instant at) {
    return time.isPresent() && !time.get().isAfter(at);
  }

  private static boolean isAfter(long ns, Instant at) {
    return Instant.ofEpochSecond(Math.floorDiv(ns, NANOS), Math.floorMod(ns, NANOS)).isAfter(at);
  }
}

package dev.caravan.remote;

import dev.caravan.event.Owner;
import dev.caravan.remote.Remote.Traits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What of a file is not kept beside its object, in words for a plan. What a new file has anyway is
 * not missed: permissions 0644, and this process's user as the owner.
 */
public final class Unkept {

  private static final int USUAL = 0644;
  private static final int PERMISSIONS = 0777;

  /** See {@link FileTimes#describe}. */
  private static final int OWNER = 0600;

  private static final long SECOND_NS = 1_000_000_000L;
  private static final long DAY_NS = 86_400 * SECOND_NS;
  private static final Optional<Owner> SELF = self();

  private Unkept() {}

  private static Optional<Owner> self() {
    try {
      return FileTimes.traitsOf(Path.of("/proc/self").toRealPath()).owner();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Where permissions and owners are not kept at all. */
  public static List<String> traits(Traits file) {
    List<String> unkept = new ArrayList<>();
    file.permissions().ifPresent(bits -> permissions(bits, bits == USUAL).ifPresent(unkept::add));
    file.owner().flatMap(owner -> owner(owner, false)).ifPresent(unkept::add);
    return unkept;
  }

  /**
   * On a disk of this machine, as {@link FileTimes#describe} sets it.
   *
   * @param permissionsKept false where others decide on them
   */
  public static List<String> onDisk(Traits file, long modifiedNs, boolean permissionsKept) {
    List<String> unkept = new ArrayList<>(permissions(file, permissionsKept));
    file.owner().flatMap(owner -> owner(owner, isRoot())).ifPresent(unkept::add);
    if (modifiedNs < 0) {
      unkept.addAll(time(modifiedNs, SECOND_NS));
    }
    return unkept;
  }

  /** The permissions where the owner may always read and write. */
  public static List<String> permissions(Traits file, boolean kept) {
    List<String> unkept = new ArrayList<>();
    file.permissions()
        .ifPresent(
            bits ->
                permissions(bits, kept && ((bits & PERMISSIONS) | OWNER) == bits)
                    .ifPresent(unkept::add));
    return unkept;
  }

  /** The time where it is kept in steps of so many nanoseconds; of years, where it is not kept. */
  public static List<String> time(long modifiedNs, long stepNs) {
    if (modifiedNs % stepNs == 0) {
      return List.of();
    }
    return List.of(stepNs > DAY_NS ? "its time" : "its time to the nanosecond");
  }

  private static Optional<String> permissions(int bits, boolean kept) {
    return kept ? Optional.empty() : Optional.of("permissions %04o".formatted(bits));
  }

  private static Optional<String> owner(Owner owner, boolean kept) {
    boolean usual = kept || SELF.isEmpty() || SELF.get().equals(owner);
    return usual ? Optional.empty() : Optional.of("owner " + owner);
  }

  private static boolean isRoot() {
    return SELF.filter(self -> self.uid() == 0).isPresent();
  }
}

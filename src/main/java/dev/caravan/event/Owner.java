package dev.caravan.event;

/**
 * Who owns a file, by number: names differ from machine to machine.
 *
 * @param uid of the user, 0 to 2^32 - 1
 * @param gid of the group, the same range
 */
public record Owner(long uid, long gid) {

  private static final long MAX = 0xFFFF_FFFFL;

  /** Refuses what no kernel has. */
  public Owner {
    if (uid < 0 || uid > MAX || gid < 0 || gid > MAX) {
      throw new IllegalArgumentException("No owner of a file: " + uid + ":" + gid);
    }
  }

  @Override
  public String toString() {
    return uid + ":" + gid;
  }
}

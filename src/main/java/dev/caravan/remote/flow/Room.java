package dev.caravan.remote.flow;

/**
 * How many calls at once a remote may be given.
 *
 * @param usual as many as it is given as long as it does not complain, at least 1
 * @param most as many as it may be given where more at once are seen to bring more, which is so for
 *     one that is far away; at least {@code usual}
 * @param patience so many failures in a row, and it is left alone for a while
 */
public record Room(int usual, int most, int patience) {

  private static final int PATIENCE_LEAST = 10;
  private static final int PATIENCE_MOST = 64;

  public Room {
    if (usual < 1 || most < usual || patience < 1) {
      throw new IllegalArgumentException("No room for calls: " + usual + " to " + most);
    }
  }

  /** With as much patience as there is room. */
  public Room(int usual, int most) {
    this(usual, most, Math.max(PATIENCE_LEAST, Math.min(PATIENCE_MOST, 2 * usual)));
  }

  /** So many and never more. */
  public static Room of(int calls) {
    return new Room(calls, calls);
  }

  /** The same for who has nothing else to do: it is not left alone, whatever fails. */
  public Room withoutBreaks() {
    return new Room(usual, most, Integer.MAX_VALUE);
  }
}

package dev.caravan.remote.flow;

/**
 * How many calls at once a remote may be given.
 *
 * @param usual as many as it is given as long as it does not complain, at least 1
 * @param most as many as it may be given where more at once are seen to bring more, which is so for
 *     one that is far away; at least {@code usual}
 */
public record Room(int usual, int most) {

  public Room {
    if (usual < 1 || most < usual) {
      throw new IllegalArgumentException("No room for calls: " + usual + " to " + most);
    }
  }

  /** So many and never more. */
  public static Room of(int calls) {
    return new Room(calls, calls);
  }
}

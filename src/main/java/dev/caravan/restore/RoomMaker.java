package dev.caravan.restore;

/** Gives disk space back where a file that is to come finds no room. */
public interface RoomMaker {

  /** Nothing can be given back. */
  RoomMaker NONE = bytes -> {};

  /**
   * Tries to free space, and returns when that has ended or took too long.
   *
   * @param bytes that are needed, beside what the store's owner wants to have free
   */
  void make(long bytes) throws InterruptedException;
}

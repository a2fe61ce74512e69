package dev.caravan.remote;

/** Is told of bytes as they move, for progress; called often and from many threads. */
@FunctionalInterface
public interface TransferMeter {

  /** Which way bytes move. */
  enum Direction {
    UPLOAD,
    DOWNLOAD
  }

  /**
   * Some bytes moved.
   *
   * @param remote the name of the remote
   * @param bytes since the last call, of this stream
   */
  void moved(String remote, Direction direction, long bytes);
}

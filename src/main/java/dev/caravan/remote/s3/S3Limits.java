package dev.caravan.remote.s3;

/**
 * Bounds of the protocol, and where this remote changes its ways; smaller in tests.
 *
 * @param multipartAbove bytes; bigger files are sent in parts
 * @param copyPart bytes; what the server will not copy at once is copied in parts of this size
 */
record S3Limits(long multipartAbove, long copyPart) {

  static final S3Limits DEFAULT = new S3Limits(32L << 20, 1L << 30);

  static final long MAX_OBJECT = 5L << 40;
  static final int MAX_KEY_BYTES = 1024;
  static final int MAX_PARTS = 10_000;

  /** The size of the parts of an object: as set, or more where 10,000 such would not hold it. */
  static long partSize(long sizeBytes, long wished) {
    long least = (sizeBytes + MAX_PARTS - 1) / MAX_PARTS;
    long mebibyte = 1L << 20;
    return Math.max(wished, (least + mebibyte - 1) / mebibyte * mebibyte);
  }
}

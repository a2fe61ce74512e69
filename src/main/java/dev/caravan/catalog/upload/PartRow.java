package dev.caravan.catalog.upload;

/**
 * A part that the server took.
 *
 * @param number from 1
 * @param etag as the server wrote it
 * @param crc32c base64 where it was sent along, else empty
 */
public record PartRow(int number, String etag, String crc32c) {}

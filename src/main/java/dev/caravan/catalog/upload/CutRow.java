package dev.caravan.catalog.upload;

/**
 * An upload in parts that is under way, or was cut off.
 *
 * @param uploadId as the server named it
 * @param sha256 of the whole content: 64 lower-case hex digits
 * @param partSize of all parts but the last, in bytes
 * @param form how the parts are checked and what the object was begun with
 */
public record CutRow(String uploadId, String sha256, long partSize, String form) {}

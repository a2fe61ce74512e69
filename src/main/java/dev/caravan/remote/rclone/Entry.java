package dev.caravan.remote.rclone;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.remote.rclone.rcd.HashType;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * What rclone says of one file or folder.
 *
 * @param path below the root, as rclone writes it, see {@link RcloneNames}
 * @param sizeBytes -1 when the storage does not know
 * @param hash in lower-case hex digits, of the type that was asked for
 */
record Entry(
    String path, boolean folder, long sizeBytes, Instant modifiedAt, Optional<String> hash) {

  static Entry of(JsonNode item, Optional<HashType> hashType) {
    return new Entry(
        item.path("Path").asText(),
        item.path("IsDir").asBoolean(),
        item.path("Size").asLong(-1),
        time(item.path("ModTime").asText()),
        hashType
            .map(type -> item.path("Hashes").path(type.label()).asText(""))
            .filter(hash -> !hash.isEmpty()));
  }

  private static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return Instant.EPOCH; // Not known: it was not asked for, or the storage keeps none.
    }
  }
}

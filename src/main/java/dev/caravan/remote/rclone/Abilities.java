package dev.caravan.remote.rclone;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.remote.rclone.rcd.HashType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the storage behind rclone can do: what rclone says of it, and what trying showed.
 *
 * @param storage its kind, as rclone shows it: {@code local}, {@code s3}, …
 * @param objectStore it has no folders, and an object appears whole or not at all
 * @param moves it renames by itself
 * @param copies it copies by itself, or lies on this machine, where rclone does it as well
 * @param folders it keeps folders that are empty
 * @param reads it hashes by reading the file again
 * @param caseless two names that differ in case only are one
 * @param hashType the best hash that it knows
 * @param timeStepNs the steps in which it keeps times, in nanoseconds; where it keeps none, rclone
 *     says a hundred years
 * @param tried what trying showed
 */
record Abilities(
    String storage,
    boolean objectStore,
    boolean moves,
    boolean copies,
    boolean folders,
    boolean reads,
    boolean caseless,
    Optional<HashType> hashType,
    long timeStepNs,
    Tried tried) {

  /**
   * What rclone does not say.
   *
   * @param replaces a rename replaces what was there, in one step
   * @param displaces a file and a folder cannot have the same name
   * @param listsFolders a listing of a folder shows all folders in it
   * @param controls a name may hold what XML cannot
   * @param longestName how many bytes a name may have; {@link #NO_LIMIT} when it may have more
   * @param deepest how many names a path may have; {@link #NO_LIMIT} when it may have more
   */
  record Tried(
      boolean replaces,
      boolean displaces,
      boolean listsFolders,
      boolean controls,
      int longestName,
      int deepest) {
    /** As careful as can be, until it was tried. */
    static final Tried NOT_YET = new Tried(false, false, true, true, NO_LIMIT, NO_LIMIT);
  }

  static final int NO_LIMIT = Integer.MAX_VALUE;

  /** Reads the answer to {@code operations/fsinfo}. */
  static Abilities of(JsonNode answer, Tried tried) {
    JsonNode features = answer.path("Features");
    List<String> hashes = new ArrayList<>();
    answer.path("Hashes").forEach(hash -> hashes.add(hash.asText()));
    return new Abilities(
        answer.path("Name").asText("unknown"),
        features.path("BucketBased").asBoolean(),
        features.path("Move").asBoolean(),
        features.path("Copy").asBoolean() || features.path("IsLocal").asBoolean(),
        features.path("CanHaveEmptyDirectories").asBoolean(),
        features.path("IsLocal").asBoolean() || features.path("SlowHash").asBoolean(),
        features.path("CaseInsensitive").asBoolean(),
        HashType.bestOf(hashes),
        Math.max(1, answer.path("Precision").asLong(1)),
        tried);
  }

  /** True when a file is sent under another name first, for it would be seen half done. */
  boolean isStaged() {
    return moves && !objectStore;
  }

  /** For the status. */
  Map<String, String> facts(boolean readBack) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("storage", storage);
    facts.put("checksum", checksum(readBack));
    facts.put("replace", replace());
    facts.put("server_side_copy", copies ? "yes" : "no");
    facts.put("traits", "the time with the bytes; what changes later, mode and owner: not held");
    if (tried.longestName() < NO_LIMIT) {
      facts.put("longest_name", Integer.toString(tried.longestName()));
    }
    if (!tried.controls()) {
      facts.put("control_characters", "refused");
    }
    if (caseless) {
      facts.put("names", "upper and lower case are one");
    }
    return facts;
  }

  private String checksum(boolean readBack) {
    if (hashType.isEmpty()) {
      return readBack ? "none, read back" : "none, only sizes are compared";
    }
    return hashType.get().label() + (reads ? ", read back by rclone" : "");
  }

  private String replace() {
    if (objectStore) {
      return "at once";
    }
    if (!moves) {
      return "while it is sent";
    }
    return tried.replaces() ? "at once" : "after the old one is deleted";
  }
}

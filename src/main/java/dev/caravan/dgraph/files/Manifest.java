package dev.caravan.dgraph.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The list of an export's files, which lies beside them and is written last: where it is, all of
 * them are.
 *
 * @param facts task, times and groups, for people
 */
public record Manifest(Map<String, @Nullable Object> facts, List<Entry> files) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * One file.
   *
   * @param name of its object, without the remote's prefix
   * @param file what the Alpha called it, below its export folder
   * @param size in bytes
   * @param sha256 64 lower-case hex digits
   */
  public record Entry(String name, String file, long size, String sha256) {}

  /** As it is stored: UTF-8 JSON. */
  public String text() {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(facts);
    List<Map<String, Object>> entries = new ArrayList<>();
    for (Entry file : files) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", file.name());
      entry.put("file", file.file());
      entry.put("size", file.size());
      entry.put("sha256", file.sha256());
      entries.add(entry);
    }
    all.put("files", entries);
    try {
      return JSON.writeValueAsString(all) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A manifest is not JSON", e);
    }
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IOException when it is something else
   */
  public static Manifest read(byte[] text) throws IOException {
    JsonNode root = JSON.readTree(text);
    List<Entry> files = new ArrayList<>();
    for (JsonNode each : root.path("files")) {
      String sha256 = each.path("sha256").asText("");
      if (!each.path("name").isTextual() || !sha256.matches("[0-9a-f]{64}")) {
        throw new IOException("is no manifest of an export");
      }
      files.add(
          new Entry(
              each.path("name").asText(),
              each.path("file").asText(""),
              each.path("size").asLong(-1),
              sha256));
    }
    if (files.isEmpty()) {
      throw new IOException("names no files");
    }
    return new Manifest(Map.of(), files);
  }
}

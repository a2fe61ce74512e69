package dev.caravan.snapshot.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.event.StorePath;
import dev.caravan.event.TimeText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The lines of a manifest as JSON: the header, an entry, the end. Each ends with a newline. */
final class ManifestLines {

  static final String FORMAT = "caravan-manifest";
  static final int VERSION = 1;

  private final JsonFactory json = new JsonFactory();

  /** The last line: what it sums up, and the SHA-256 of all lines before it. */
  record End(ManifestTotals totals, String sha256) {}

  /** A line in its values, all of them scalars. */
  private interface Fields {
    void write(JsonGenerator out) throws IOException;
  }

  byte[] header(ManifestHeader header) {
    return line(
        out -> {
          out.writeStringField("format", FORMAT);
          out.writeNumberField("version", VERSION);
          out.writeStringField("created", header.createdAt().toString());
          out.writeStringField("source", header.source());
          out.writeStringField("tool", header.tool());
          if (header.began().isPresent()) {
            out.writeStringField("began", header.began().get().toString());
          }
        });
  }

  byte[] entry(ManifestEntry entry) {
    return EntryLine.write(entry).orElseGet(() -> anyEntry(entry));
  }

  /** The same for all names. */
  byte[] anyEntry(ManifestEntry entry) {
    return line(
        out -> {
          out.writeStringField("path", entry.path().value());
          out.writeStringField("kind", entry.kind().label());
          if (entry.isFile()) {
            out.writeNumberField("size", entry.sizeBytes());
          }
          out.writeStringField("mode", EntryLine.octal(entry.permissions()));
          out.writeNumberField("uid", Integer.toUnsignedLong(entry.uid()));
          out.writeNumberField("gid", Integer.toUnsignedLong(entry.gid()));
          out.writeStringField("mtime", TimeText.format(EntryLine.timeOf(entry.modifiedNs())));
          if (entry.linkTarget().isPresent()) {
            out.writeStringField("target", entry.linkTarget().get());
          }
          if (entry.sha256().isPresent()) {
            out.writeStringField("sha256", entry.sha256().get());
          }
        });
  }

  byte[] end(End end) {
    ManifestTotals totals = end.totals();
    return line(
        out -> {
          out.writeBooleanField("end", true);
          out.writeStringField("created", totals.createdAt().toString());
          out.writeNumberField("files", totals.files());
          out.writeNumberField("folders", totals.folders());
          out.writeNumberField("symlinks", totals.symlinks());
          out.writeNumberField("bytes", totals.bytes());
          out.writeNumberField("problems", totals.problems());
          out.writeStringField("sha256", end.sha256());
        });
  }

  private byte[] line(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(320);
    try (JsonGenerator out = json.createGenerator(bytes)) {
      out.writeStartObject();
      fields.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("Memory refused bytes", e);
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  /** Reads a line into its values; what is not known is left aside. */
  Map<String, String> values(byte[] line, int from, int length) throws IOException {
    Map<String, String> values = new HashMap<>();
    try (JsonParser in = json.createParser(line, from, length)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new DamagedManifestException("a line is no JSON object", null);
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        if (in.nextToken().isStructStart()) {
          in.skipChildren();
        } else if (values.put(name, in.getText()) != null) {
          throw new DamagedManifestException("a line says '" + name + "' twice", null);
        }
      }
      if (in.currentToken() != JsonToken.END_OBJECT || in.nextToken() != null) {
        throw new DamagedManifestException("a line goes on after its end", null);
      }
    } catch (JsonProcessingException e) {
      throw new DamagedManifestException("a line is no JSON: " + e.getOriginalMessage(), e);
    }
    return values;
  }

  ManifestHeader header(Map<String, String> values) throws DamagedManifestException {
    if (!get(values, "format").equals(FORMAT)) {
      throw new DamagedManifestException("it is no manifest of Caravan", null);
    }
    if (number(values, "version") != VERSION) {
      throw new DamagedManifestException(
          "its version is %s and this Caravan reads %d; use a newer Caravan"
              .formatted(get(values, "version"), VERSION),
          null);
    }
    return new ManifestHeader(
        time(values, "created"),
        get(values, "source"),
        get(values, "tool"),
        values.containsKey("began") ? Optional.of(time(values, "began")) : Optional.empty());
  }

  static boolean isEnd(Map<String, String> values) {
    return "true".equals(values.get("end"));
  }

  End end(Map<String, String> values) throws DamagedManifestException {
    ManifestTotals totals =
        new ManifestTotals(
            time(values, "created"),
            number(values, "files"),
            number(values, "folders"),
            number(values, "symlinks"),
            number(values, "bytes"),
            number(values, "problems"));
    return new End(totals, get(values, "sha256"));
  }

  ManifestEntry entry(Map<String, String> values) throws DamagedManifestException {
    try {
      ManifestEntry.Kind kind = kind(get(values, "kind"));
      return new ManifestEntry(
          StorePath.of(get(values, "path")),
          kind,
          kind == ManifestEntry.Kind.FILE ? number(values, "size") : 0,
          Integer.parseInt(get(values, "mode"), 8),
          Integer.parseUnsignedInt(get(values, "uid")),
          Integer.parseUnsignedInt(get(values, "gid")),
          EntryLine.nanosOf(time(values, "mtime")),
          Optional.ofNullable(values.get("target")),
          Optional.ofNullable(values.get("sha256")));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new DamagedManifestException("an entry cannot be used: " + e.getMessage(), e);
    }
  }

  private static ManifestEntry.Kind kind(String label) {
    for (ManifestEntry.Kind kind : ManifestEntry.Kind.values()) {
      if (kind.label().equals(label)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("'" + label + "' is no kind");
  }

  private static String get(Map<String, String> values, String name)
      throws DamagedManifestException {
    String value = values.get(name);
    if (value == null) {
      throw new DamagedManifestException("a line lacks '" + name + "'", null);
    }
    return value;
  }

  private static long number(Map<String, String> values, String name)
      throws DamagedManifestException {
    String text = get(values, name);
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new DamagedManifestException("'" + name + "' is " + text, null);
  }

  private static Instant time(Map<String, String> values, String name)
      throws DamagedManifestException {
    try {
      return TimeText.parse(get(values, name));
    } catch (DateTimeException e) {
      throw new DamagedManifestException("'" + name + "' is no time", e);
    }
  }
}

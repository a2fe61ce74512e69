package dev.caravan.remote.s3.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import javax.xml.stream.XMLStreamException;

/**
 * What a server said about a refusal: S3's error document.
 *
 * @param code such as {@code NoSuchBucket}; empty when there was no document
 * @param message the server's own words; empty when there were none
 * @param region the right region, where the wrong one was the fault
 */
public record ErrorBody(String code, String message, String region) {

  public static final ErrorBody NONE = new ErrorBody("", "", "");

  private static final int MAX_MESSAGE = 200;

  /** Reads the document; what is none, such as a proxy's page, gives {@link #NONE}. */
  public static ErrorBody parse(byte[] document) {
    if (document.length == 0) {
      return NONE;
    }
    Map<String, String> fields = new HashMap<>();
    try {
      String root =
          S3Xml.read(
              new ByteArrayInputStream(document),
              (parent, name, text) -> {
                if (parent.equals("Error")) {
                  fields.put(name, text);
                }
              });
      if (!root.equals("Error")) {
        return NONE;
      }
    } catch (XMLStreamException | IOException e) {
      return NONE;
    }
    return new ErrorBody(
        fields.getOrDefault("Code", ""),
        oneLine(fields.getOrDefault("Message", "")),
        fields.getOrDefault("Region", ""));
  }

  /** Makes foreign text fit for a message: no control characters, at most 200 characters. */
  public static String oneLine(String text) {
    String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "…";
  }
}

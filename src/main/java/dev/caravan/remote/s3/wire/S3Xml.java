package dev.caravan.remote.s3.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads the XML of S3 answers, and writes that of its requests. */
public final class S3Xml {

  private static final int MAX_TEXT = 1 << 20;

  /** A page of a listing takes some 300 KiB; what is longer is read as it streams by. */
  private static final int WHOLE = 1 << 20;

  private S3Xml() {}

  /** Receives each element when it ends. */
  public interface Visitor {
    /**
     * @param parent local name of the element around it, {@code ""} for the outermost
     * @param name its own local name
     * @param text its own text, empty where it only holds others
     */
    void end(String parent, String name, String text);
  }

  /**
   * Reads one whole document.
   *
   * @return the local name of the outermost element
   * @throws XMLStreamException when it is not well-formed, such as cut off
   */
  public static String read(InputStream in, Visitor visitor)
      throws XMLStreamException, IOException {
    byte[] first = in.readNBytes(WHOLE);
    if (first.length < WHOLE) {
      Optional<String> root = PlainXml.read(first, visitor);
      if (root.isPresent()) {
        return root.get();
      }
    }
    return parse(new SequenceInputStream(new ByteArrayInputStream(first), in), visitor);
  }

  /** The same for all of XML, with a parser of it. */
  static String parse(InputStream in, Visitor visitor) throws XMLStreamException, IOException {
    XMLStreamReader xml = factory().createXMLStreamReader(skipBlanks(in));
    List<String> open = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    String root = "";
    while (xml.hasNext()) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          open.add(xml.getLocalName());
          text.setLength(0);
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          text.append(xml.getTextCharacters(), xml.getTextStart(), xml.getTextLength());
          if (text.length() > MAX_TEXT) {
            throw new XMLStreamException("an element holds more than 1 MiB of text");
          }
        }
        case XMLStreamConstants.END_ELEMENT -> {
          root = open.remove(open.size() - 1);
          visitor.end(open.isEmpty() ? "" : open.get(open.size() - 1), root, text.toString());
          text.setLength(0);
        }
        default -> {
          // Comments, blanks between elements and the like say nothing.
        }
      }
    }
    return root;
  }

  /** True when XML 1.0 can carry the text at all. */
  public static boolean canCarry(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean control = c < 0x20 && c != '\t' && c != '\n' && c != '\r';
      if (control || c == 0xFFFE || c == 0xFFFF) {
        return false;
      }
    }
    return true;
  }

  /** Appends text so that every character arrives, line ends included. */
  public static void escape(StringBuilder out, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        case '\t', '\n', '\r' -> out.append("&#").append((int) c).append(';');
        default -> out.append(c);
      }
    }
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setXMLResolver(
        (publicId, systemId, base, namespace) -> {
          throw new XMLStreamException("external entities are refused");
        });
    return factory;
  }

  /** Servers keep a long request alive by sending blanks before the document. */
  private static InputStream skipBlanks(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, 16 * 1024);
    int b;
    do {
      buffered.mark(1);
      b = buffered.read();
    } while (b == ' ' || b == '\n' || b == '\r' || b == '\t');
    buffered.reset();
    return buffered;
  }
}

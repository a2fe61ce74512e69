package dev.caravan.remote.s3.wire;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamException;

/** A small answer in XML: its own fields, and one row for each upload or part it tells of. */
public final class S3Document implements S3Xml.Visitor {

  private final List<Map<String, String>> rows = new ArrayList<>();
  private final Map<String, String> own = new HashMap<>();
  private Map<String, String> row = new HashMap<>();

  /**
   * Sends a request and reads its answer. A success may still carry an error: for what takes long,
   * servers send the 200 before the work is done.
   *
   * @param expected local names of the outermost element
   */
  public static S3Document ask(S3Transport transport, S3Request request, String... expected)
      throws RemoteException {
    return read(transport, request, transport.exchange(request), expected);
  }

  /** Reads an answer that has already come, and closes it. */
  public static S3Document read(
      S3Transport transport, S3Request request, S3Reply reply, String... expected)
      throws RemoteException {
    if (!reply.isGood()) {
      throw transport.errors().refused(request, reply);
    }
    S3Document document = new S3Document();
    String root;
    try (reply) {
      root = S3Xml.read(reply.body(), document);
    } catch (XMLStreamException e) {
      throw transport
          .errors()
          .of(Cause.SERVER, request.toString(), "the answer cannot be read", "it is tried again");
    } catch (IOException e) {
      throw transport.errors().broken(request, e);
    }
    if (root.equals("Error")) {
      String message = ErrorBody.oneLine(document.field("Message"));
      ErrorBody error = new ErrorBody(document.field("Code"), message, "");
      throw transport.errors().refusedLate(request.toString(), error);
    }
    if (!List.of(expected).contains(root)) {
      // One that passes over words of a query it does not know answers another question.
      boolean another = root.endsWith("Result");
      throw transport
          .errors()
          .of(
              another ? Cause.UNSUPPORTED : Cause.SERVER,
              request.toString(),
              "<" + ErrorBody.oneLine(root) + "> came instead of <" + expected[0] + ">",
              another
                  ? "the server does not know this request"
                  : "check that the endpoint is an S3 server");
    }
    return document;
  }

  /** The text of one of its own fields; {@code ""} when it is absent. */
  public String field(String name) {
    return own.getOrDefault(name, "");
  }

  /** As {@link #field}, but what is absent throws. */
  public String need(String name, S3Transport transport, S3Request request) throws RemoteException {
    String text = field(name);
    if (text.isEmpty()) {
      throw transport
          .errors()
          .of(Cause.SERVER, request.toString(), "no " + name + " came", "it is tried again");
    }
    return text;
  }

  public List<Map<String, String>> rows() {
    return rows;
  }

  @Override
  public void end(String parent, String name, String text) {
    if (parent.equals("Upload") || parent.equals("Part")) {
      row.put(name, text);
    } else if (name.equals("Upload") || name.equals("Part")) {
      rows.add(row);
      row = new HashMap<>();
    } else {
      own.put(name, text);
    }
  }
}

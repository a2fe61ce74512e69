package dev.caravan.remote.s3;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamException;

/** A small answer in XML: its own fields, and one row for each upload or part it tells of. */
final class S3Document implements S3Xml.Visitor {

  private final List<Map<String, String>> rows = new ArrayList<>();
  private final Map<String, String> own = new HashMap<>();
  private Map<String, String> row = new HashMap<>();

  /**
   * Sends a request and reads its answer. A success may still carry an error: for what takes long,
   * servers send the 200 before the work is done.
   */
  static S3Document ask(S3Connection s3, S3Request request) throws RemoteException {
    return read(s3, request, s3.transport().exchange(request));
  }

  /** Reads an answer that has already come, and closes it. */
  static S3Document read(S3Connection s3, S3Request request, S3Reply reply) throws RemoteException {
    if (!reply.isGood()) {
      throw s3.errors().refused(request, reply);
    }
    S3Document document = new S3Document();
    String root;
    try (reply) {
      root = S3Xml.read(reply.body(), document);
    } catch (XMLStreamException e) {
      throw s3.errors()
          .of(Cause.SERVER, request.toString(), "the answer cannot be read", "it is tried again");
    } catch (IOException e) {
      throw s3.errors().broken(request, e);
    }
    if (root.equals("Error")) {
      String message = ErrorBody.oneLine(document.field("Message"));
      ErrorBody error = new ErrorBody(document.field("Code"), message, "");
      throw s3.errors().refusedLate(request.toString(), error);
    }
    return document;
  }

  /** The text of one of its own fields; {@code ""} when it is absent. */
  String field(String name) {
    return own.getOrDefault(name, "");
  }

  /** As {@link #field}, but what is absent throws. */
  String need(String name, S3Connection s3, S3Request request) throws RemoteException {
    String text = field(name);
    if (text.isEmpty()) {
      throw s3.errors()
          .of(Cause.SERVER, request.toString(), "no " + name + " came", "it is tried again");
    }
    return text;
  }

  List<Map<String, String>> rows() {
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

package dev.caravan.dgraph.read;

import java.time.Instant;
import java.util.Map;

/**
 * One request to {@code /admin} and its whole answer, both as they were on the wire.
 *
 * @param query the query of the address, raw, without its question mark
 * @param contentType of the request; empty when it said none
 * @param requestEncoding {@code Content-Encoding} of the request
 * @param request its body, empty when it was longer than is looked at
 * @param whole false when the request's body was longer than that
 * @param status of the answer
 * @param answerEncoding {@code Content-Encoding} of the answer
 * @param answer its body
 * @param credentials headers by which the client proved who it is; never on record
 * @param at when the request came
 */
public record AdminExchange(
    String query,
    String contentType,
    String requestEncoding,
    byte[] request,
    boolean whole,
    int status,
    String answerEncoding,
    byte[] answer,
    Map<String, String> credentials,
    Instant at) {

  /** Nothing of what was said, for it may hold secrets. */
  @Override
  public String toString() {
    return "AdminExchange[status=" + status + "]";
  }
}

package dev.caravan.remote.s3;

import static dev.caravan.remote.s3.ask.Insistence.insist;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote.Conditions;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.s3.ask.FoundOut;
import dev.caravan.remote.s3.wire.RequestBody;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests with a condition. That of a PUT, {@code If-None-Match: *}, is one that many servers take
 * and overlook: it is relied upon only once this server was seen to refuse a second PUT.
 */
final class Conditional implements Conditions {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.s3");

  private final S3Connection s3;
  private final ObjectReads reads;
  private final Supplier<String> nonces;
  private final FoundOut<Boolean> judges = new FoundOut<>();

  /**
   * @param nonces make the name of an object one that nobody else uses
   */
  Conditional(S3Connection s3, ObjectReads reads, Supplier<String> nonces) {
    this.s3 = s3;
    this.reads = reads;
    this.nonces = nonces;
  }

  @Override
  public Creation create(ObjectKey key, ObjectContent content) throws RemoteException, IOException {
    boolean judged = judges.orAsk(() -> insist(this::isSeenToJudge));
    return judged ? attempt(key, content) : Creation.UNSUPPORTED;
  }

  @Override
  public InputStream open(ObjectStat seen, long offset) throws RemoteException {
    return reads.open(seen, offset);
  }

  private boolean isSeenToJudge() throws RemoteException {
    ObjectKey probe = ObjectKey.own("probe-" + nonces.get());
    ObjectContent content = new TextContent("Caravan was here\n");
    try {
      return attempt(probe, content) == Creation.CREATED
          && attempt(probe, content) == Creation.TAKEN;
    } catch (IOException e) {
      throw new IllegalStateException("What is in memory cannot be read", e);
    } finally {
      remove(probe);
    }
  }

  /** Keys that may not delete can still take a prefix. */
  private void remove(ObjectKey probe) {
    try {
      new DeleteBatch(s3).delete(List.of(probe));
    } catch (RemoteException e) {
      LOG.debug("{} is left: {}", probe, e.getMessage());
    }
  }

  private Creation attempt(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    S3Request request = S3Request.put(s3.address().fullKey(key.value()));
    s3.headers().describe(request, content, true);
    request.headers(s3.headers().creating()).header("If-None-Match", "*");
    try (InputStream in = content.open(0, content.sizeBytes())) {
      request.body(RequestBody.of(in.readAllBytes()));
    }
    try (S3Reply reply = s3.transport().exchange(request)) {
      return made(request, reply);
    }
  }

  private Creation made(S3Request request, S3Reply reply) throws RemoteException {
    if (reply.isGood()) {
      return Creation.CREATED;
    }
    // 409: somebody else's is on its way.
    if (reply.status() == 412 || reply.status() == 409) {
      return Creation.TAKEN;
    }
    RemoteException refused = s3.errors().refused(request, reply);
    boolean isWordUnknown = reply.status() == 400 && refused.reason() == Cause.OTHER;
    if (isWordUnknown || refused.reason() == Cause.UNSUPPORTED) {
      return Creation.UNSUPPORTED;
    }
    throw refused;
  }
}

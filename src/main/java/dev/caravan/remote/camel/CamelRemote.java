package dev.caravan.remote.camel;

import dev.caravan.config.CamelSettings;
import dev.caravan.event.Causes;
import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.Unkept;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.util.URISupport;

/**
 * The operator's own endpoints as a remote: each file is sent to one, with its name in headers. An
 * endpoint that returns without an exception has the file, as far as anybody can know; nothing is
 * ever proven, found or listed, and nothing of Caravan's own is kept there.
 */
public final class CamelRemote implements Remote {

  private static final String PREFIX = "CamelCaravan";

  /** Components that write files take a name from here; it is the object's key. */
  private static final String FILE_NAME = "CamelFileName";

  private final CamelSettings settings;
  private final CamelProducer producer;
  private volatile boolean closed;

  public CamelRemote(CamelSettings settings, CamelProducer producer) {
    this.settings = settings;
    this.producer = producer;
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String provider() {
    return "camel";
  }

  @Override
  public String identity() {
    return "camel:" + URISupport.sanitizeUri(settings.put()).replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public Map<String, String> probe() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("proof", "none");
    facts.put("get", settings.get().isPresent() ? "yes" : "no");
    facts.put("delete", settings.delete().isPresent() ? "yes" : "no");
    return facts;
  }

  @Override
  public boolean keepsOwn() {
    return false;
  }

  @Override
  public boolean canFind() {
    return false;
  }

  @Override
  public boolean canDelete() {
    return settings.delete().isPresent();
  }

  /** The endpoint is told the time; what it does with it is its own affair. */
  @Override
  public List<String> unkept(Traits file, long modifiedNs) {
    return Unkept.traits(file);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    Map<String, Object> headers = headers(key);
    headers.put(PREFIX + "Size", content.sizeBytes());
    headers.put(PREFIX + "Sha256", content.sha256());
    headers.put(PREFIX + "ModifiedAt", content.modifiedAt().toString());
    try (SentStream body = new SentStream(content.open(0, content.sizeBytes()), () -> closed)) {
      try {
        producer.send(settings.put(), body, headers);
      } catch (Exception e) {
        body.rethrow();
        throw failure("put " + key, e);
      }
      body.rethrow();
    }
    content.ensureUnchanged();
    return new StoredObject(Optional.empty(), Optional.empty(), StoredObject.Proof.NONE);
  }

  private static Map<String, Object> headers(ObjectKey key) {
    Map<String, Object> headers = new LinkedHashMap<>();
    headers.put(PREFIX + "StorePath", key.value());
    headers.put(PREFIX + "ObjectKey", key.value());
    headers.put(FILE_NAME, key.value());
    return headers;
  }

  /** Whatever an endpoint throws may pass: the retries know when to stop. */
  private RemoteException failure(String what, Exception e) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    if (closed || e instanceof InterruptedException) {
      return new RemoteException(Cause.CANCELLED, "Remote '%s': cancelled".formatted(name()), e);
    }
    String why = Causes.rootTextOf(e);
    return new RemoteException(
        Cause.SERVER,
        "Remote '%s' failed to %s: %s"
            .formatted(name(), what.replaceAll("\\p{Cntrl}", "?"), why.replaceAll("\\s+", " ")),
        e);
  }

  private RemoteException cannot(String what) {
    return new RemoteException(
        Cause.UNSUPPORTED,
        "Remote '%s' cannot %s: it is made of endpoints that can only be sent to"
            .formatted(name(), what));
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    throw cannot("say what it holds");
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    if (settings.get().isEmpty()) {
      throw cannot("give files back");
    }
    Optional<InputStream> found;
    try {
      found = producer.ask(settings.get().get(), headers(key));
    } catch (Exception e) {
      throw failure("get " + key, e);
    }
    if (found.isEmpty()) {
      throw new RemoteException(
          Cause.NO_SUCH_OBJECT,
          "Remote '%s' has no %s".formatted(name(), key.value().replaceAll("\\p{Cntrl}", "?")));
    }
    try {
      return PartStream.of(found.get(), offset, length);
    } catch (IOException e) {
      throw failure("get " + key, e);
    }
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    throw cannot("list what it holds");
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    throw cannot("move files");
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    if (settings.delete().isEmpty()) {
      throw cannot("delete files");
    }
    Map<ObjectKey, RemoteException> failed = new LinkedHashMap<>();
    for (ObjectKey key : keys) {
      try {
        producer.send(settings.delete().get(), null, headers(key));
      } catch (Exception e) {
        failed.put(key, failure("delete " + key, e));
      }
    }
    return failed;
  }

  /** An interrupted put leaves whatever the endpoint leaves; it is put again. */
  @Override
  public void sweep(ObjectKey key, Instant begunAt) {}

  @Override
  public void close() {
    closed = true;
    producer.close();
  }
}

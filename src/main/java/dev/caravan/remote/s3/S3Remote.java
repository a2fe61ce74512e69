package dev.caravan.remote.s3;

import dev.caravan.config.S3Settings;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.wire.RequestSigner;
import dev.caravan.remote.s3.wire.S3Address;
import dev.caravan.remote.s3.wire.S3Errors;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Transport;
import dev.caravan.remote.s3.wire.ServerClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A bucket on S3 or anything that speaks its protocol. Small files go with one request, big ones in
 * parts; every byte is checked by the server on arrival, or read back where it checks nothing.
 */
public final class S3Remote implements Remote {

  private static final int MOST_PART_THREADS = 16;

  private final S3Settings settings;
  private final S3Connection s3;
  private final Crew crew;
  private final ObjectReads reads;
  private final Multiparts multiparts;
  private final Uploads uploads;
  private final DeleteBatch deletes;
  private final ServerCopies copies;
  private final Conditional conditions;

  /**
   * Opens nothing yet; credentials are looked up with the first request.
   *
   * @param journal told of every upload that would leave something behind if it were cut off
   * @throws IllegalArgumentException when the settings cannot be used, naming the key
   */
  public S3Remote(S3Settings settings, UploadJournal journal, Clock clock) {
    this(settings, journal, clock, S3Patience.USUAL);
  }

  /**
   * The same, with another border between one request and parts.
   *
   * @param partsAboveBytes bigger files are sent in parts
   */
  public S3Remote(S3Settings settings, UploadJournal journal, Clock clock, long partsAboveBytes) {
    this(
        settings,
        journal,
        clock,
        new S3Limits(partsAboveBytes, S3Limits.DEFAULT.copyPart()),
        S3Remote::nonce);
  }

  /** The same, with other patience. */
  public S3Remote(S3Settings settings, UploadJournal journal, Clock clock, S3Patience patience) {
    this(settings, journal, clock, S3Limits.DEFAULT, S3Remote::nonce, patience);
  }

  S3Remote(
      S3Settings settings,
      UploadJournal journal,
      Clock clock,
      S3Limits limits,
      Supplier<String> nonces) {
    this(settings, journal, clock, limits, nonces, S3Patience.USUAL);
  }

  S3Remote(
      S3Settings settings,
      UploadJournal journal,
      Clock clock,
      S3Limits limits,
      Supplier<String> nonces,
      S3Patience patience) {
    this.settings = settings;
    int threads = Math.min(MOST_PART_THREADS, Math.max(4, settings.transfers()));
    this.s3 = connect(settings, clock, settings.transfers() + threads + 4, patience);
    this.crew = new Crew(settings.name(), threads);
    this.reads = new ObjectReads(s3);
    this.multiparts = new Multiparts(s3, journal, patience);
    this.uploads = new Uploads(s3, settings, nonces, limits.multipartAbove(), crew, multiparts);
    this.deletes = new DeleteBatch(s3);
    this.copies = new ServerCopies(s3, crew, reads, uploads, deletes, limits.copyPart());
    this.conditions = new Conditional(s3, reads, nonces);
  }

  private static String nonce() {
    return UUID.randomUUID().toString();
  }

  private static S3Connection connect(
      S3Settings settings, Clock clock, int connections, S3Patience patience) {
    S3Address address = S3Address.of(settings);
    ServerClock serverClock = new ServerClock(clock);
    S3Errors errors = new S3Errors(settings.name(), address, serverClock);
    RequestSigner signer =
        new RequestSigner(
            address, settings.region(), new SettingsCredentials(settings), serverClock);
    S3Transport transport =
        new S3Transport(
            signer, serverClock, errors, () -> S3Clients.wire(address, connections, patience));
    return new S3Connection(address, transport, new ObjectHeaders(settings), serverClock);
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String provider() {
    return settings.provider();
  }

  @Override
  public String identity() {
    return s3.address().identity();
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return uploads.probe();
  }

  @Override
  public boolean readsUnprobed() {
    return true;
  }

  @Override
  public Optional<String> refusal(StorePath path, long sizeBytes) {
    String key = s3.address().fullKey(path.value());
    int bytes = key.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > S3Limits.MAX_KEY_BYTES) {
      return Optional.of("its key has " + bytes + " bytes; S3 allows 1024, prefix included");
    }
    if (sizeBytes > S3Limits.MAX_OBJECT) {
      return Optional.of("it is bigger than 5 TiB, the most that S3 allows");
    }
    return Optional.empty();
  }

  @Override
  public WantedSums wantedSums(long sizeBytes) {
    return uploads.wantedSums(sizeBytes);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    return uploads.put(key, content);
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return reads.find(key);
  }

  /**
   * Stores a short content where nothing lies yet ({@code If-None-Match: *}). A server that does
   * not know such requests may store it all the same.
   *
   * @return false when something lies there
   * @throws RemoteException with {@code UNSUPPORTED} when the server refuses such requests
   */
  public boolean create(ObjectKey key, ObjectContent content) throws RemoteException, IOException {
    return uploads.create(key, content);
  }

  /**
   * With what the server says that it encrypted an object for which it was given a key: {@code
   * AES256}; empty when it says nothing of that, or when there is no such object.
   */
  public Optional<String> customerEncryption(ObjectKey key) throws RemoteException {
    return reads.customerEncryption(key);
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return reads.open(key, offset, length);
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    new Listing(s3, multiparts.patience()).list(prefix, each);
  }

  @Override
  public Optional<Conditions> conditions() {
    return Optional.of(conditions);
  }

  @Override
  public Optional<Past> past() {
    return Optional.of(new PastVersions(s3, reads));
  }

  @Override
  public SortedSet<String> folders(String prefix) throws RemoteException {
    return new Listing(s3, multiparts.patience()).folders(prefix);
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return copies.copy(from, to);
  }

  @Override
  public Optional<ObjectStat> copyOnWord(ObjectStat from, ObjectKey to) throws RemoteException {
    return copies.copyOnWord(from, to);
  }

  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    return copies.describe(held, content);
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    try (S3Reply reply = reads.headers(key)) {
      return ObjectHeaders.traitsOf(reply::header);
    }
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    return copies.move(moves, settings.transfers());
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    return deletes.delete(keys);
  }

  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    multiparts.sweep(key, begunAt);
  }

  @Override
  public List<Begun> begunUploads(int most) throws RemoteException {
    return multiparts.begunUploads(most);
  }

  @Override
  public boolean isSendingParts(ObjectKey key) {
    return multiparts.isSending(key);
  }

  @Override
  public void sweepBelow(String folder) throws RemoteException {
    multiparts.sweepBelow(folder);
  }

  Uploads uploads() {
    return uploads;
  }

  ServerCopies copies() {
    return copies;
  }

  /** Breaks off what is under way; it fails with {@code CANCELLED}. */
  @Override
  public void close() {
    s3.transport().close();
    crew.close();
  }
}

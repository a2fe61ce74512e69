package dev.caravan.remote.s3;

import dev.caravan.config.S3Settings;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.WantedSums;
import dev.caravan.event.WantedSums.PartSum;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.s3.S3Abilities.PartGuard;
import dev.caravan.remote.s3.ask.FoundOut;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Chooses how a file is sent, by its size and by what the server was seen to check. */
final class Uploads {

  private final S3Connection s3;
  private final S3Settings settings;
  private final Supplier<String> nonces;
  private final long multipartAbove;
  private final ObjectReads reads;
  private final Crew crew;
  private final Multiparts multiparts;
  private final ReadBack readBack;
  private final SinglePut singlePut;
  private final FoundOut<S3Abilities> abilities = new FoundOut<>();

  Uploads(
      S3Connection s3,
      S3Settings settings,
      Supplier<String> nonces,
      long multipartAbove,
      Crew crew,
      Multiparts multiparts) {
    this.s3 = s3;
    this.settings = settings;
    this.nonces = nonces;
    this.multipartAbove = Math.max(multipartAbove, settings.partSize().bytes());
    this.crew = crew;
    this.multiparts = multiparts;
    this.reads = new ObjectReads(s3);
    this.readBack = new ReadBack(s3, reads);
    this.singlePut = new SinglePut(s3, readBack);
  }

  Multiparts multiparts() {
    return multiparts;
  }

  /** Finds out anew what the server can do, and tells it. */
  Map<String, String> probe() throws RemoteException {
    S3Probe probe = new S3Probe(s3, settings, nonces.get());
    abilities.learn(probe.run());
    return probe.facts();
  }

  WantedSums wantedSums(long sizeBytes) {
    Optional<S3Abilities> known = abilities.known();
    if (sizeBytes > multipartAbove) {
      Optional<PartSum> sum = known.flatMap(can -> guard(can).sum());
      long partSize = S3Limits.partSize(sizeBytes, settings.partSize().bytes());
      return new WantedSums(true, sum.map(each -> new WantedSums.Parts(each, partSize)));
    }
    return WantedSums.md5(
        !s3.headers().isEtagMd5()
            || known.filter(can -> can.needsMd5() || can.proof() == Proof.SIZE_ONLY).isPresent());
  }

  StoredObject put(ObjectKey key, ObjectContent content) throws RemoteException, IOException {
    S3Abilities can = abilities();
    if (content.sizeBytes() <= multipartAbove) {
      return singlePut.put(key, content, can);
    }
    return putParts(key, content, guard(can));
  }

  private PartGuard guard(S3Abilities can) {
    return can.partGuard(s3.address().scheme().equals("https"));
  }

  boolean create(ObjectKey key, ObjectContent content) throws RemoteException, IOException {
    return singlePut.create(key, content, abilities());
  }

  StoredObject putParts(ObjectKey key, ObjectContent content, PartGuard guard)
      throws RemoteException, IOException {
    long partSize = settings.partSize().bytes();
    ObjectStat stat =
        new MultipartUpload(s3, reads, key, content, guard, partSize).run(crew, multiparts);
    if (guard == PartGuard.NONE) {
      readBack.prove(key, content);
      return new StoredObject(stat.etag(), stat.version(), Proof.READ_BACK);
    }
    return new StoredObject(stat.etag(), stat.version(), Proof.SERVER_CHECKED);
  }

  /** Known since the last probe; asked for once when there was none. */
  private S3Abilities abilities() throws RemoteException {
    return abilities.orAsk(() -> new S3Probe(s3, settings, nonces.get()).run());
  }
}

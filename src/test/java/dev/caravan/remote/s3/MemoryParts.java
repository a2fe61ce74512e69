package dev.caravan.remote.s3;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.UploadJournal;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A journal with a record of parts, which outlives the remotes that it is given to. */
final class MemoryParts implements UploadJournal, UploadJournal.Parts {

  private final Map<String, UploadJournal.Cut> cuts = new ConcurrentHashMap<>();

  @Override
  public void begun(ObjectKey key) {}

  @Override
  public void ended(ObjectKey key) {}

  @Override
  public Optional<UploadJournal.Parts> parts() {
    return Optional.of(this);
  }

  @Override
  public Optional<UploadJournal.Cut> find(String place, ObjectKey key) {
    return Optional.ofNullable(cuts.get(place + key));
  }

  /** What is on record of the only upload. */
  Optional<UploadJournal.Cut> only() {
    return cuts.values().stream().findFirst();
  }

  @Override
  public void begun(String place, ObjectKey key, UploadJournal.Cut upload) {
    cuts.put(place + key, upload);
  }

  @Override
  public synchronized void sent(String place, ObjectKey key, int number, UploadJournal.Part part) {
    cuts.computeIfPresent(
        place + key,
        (name, cut) -> {
          TreeMap<Integer, UploadJournal.Part> parts = new TreeMap<>(cut.parts());
          parts.put(number, part);
          return new UploadJournal.Cut(
              cut.uploadId(), cut.sha256(), cut.partSizeBytes(), cut.form(), parts);
        });
  }

  @Override
  public void forget(String place, ObjectKey key) {
    cuts.remove(place + key);
  }
}

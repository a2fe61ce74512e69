package dev.caravan.remote;

/**
 * Remembers which uploads are under way at a remote, so that what a killed process left there can
 * be found again by {@link Remote#sweep}. Both calls return only once the fact is durable.
 */
public interface UploadJournal {

  /** Called before the remote is told of an upload that it will keep until it is ended. */
  void begun(ObjectKey key);

  /** Called when the remote keeps nothing of it any more but the finished object, or nothing. */
  void ended(ObjectKey key);
}

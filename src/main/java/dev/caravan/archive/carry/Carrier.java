package dev.caravan.archive.carry;

import dev.caravan.remote.RemoteException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Brings files to one archive's destination and asks what it holds. For one thread at a time. */
public interface Carrier {

  /** Where the files go, for people; without a secret. */
  String place();

  /**
   * One file to bring, or to ask for.
   *
   * @param id of its row
   * @param remotePath below the base, plain: no dots, no double slashes
   * @param md5 of the content that is meant, in hex
   * @param sha256 of the same, where it is known
   */
  record Parcel(long id, String remotePath, Path local, String md5, Optional<String> sha256) {}

  /**
   * What became of a sending that did not fail as a whole.
   *
   * @param faults why single files did not arrive, by their ids; not all that failed need be there
   * @param timedOut whether it was ended because it took too long
   */
  record Sent(Map<Long, String> faults, boolean timedOut) {}

  /** What the destination holds. */
  record Proof(String md5, Optional<String> sha256) {}

  /**
   * Looks at what can be looked at before anything is sent.
   *
   * @throws RemoteException naming what to mend
   */
  void probe() throws RemoteException;

  /**
   * Sends files; each appears whole or not at all.
   *
   * @throws RemoteException when the destination as a whole cannot be used
   */
  Sent send(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException;

  /**
   * Asks what lies there, now.
   *
   * @return by the parcels' ids; what is not there, or not to be known, is missing
   */
  Map<Long, Proof> prove(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException;
}

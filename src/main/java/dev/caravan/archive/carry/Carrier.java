package dev.caravan.archive.carry;

import dev.caravan.remote.RemoteException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
   * @param whole the files that were read and sent to their ends, by their ids; of any other the
   *     destination may hold what was brought before
   * @param timedOut whether it was ended because it took too long
   */
  record Sent(Map<Long, String> faults, Set<Long> whole, boolean timedOut) {}

  /**
   * What the destination holds of one file.
   *
   * @param md5 in hex; {@code ""} when something lies there that cannot be read
   */
  record Proof(String md5, Optional<String> sha256) {

    /** Whether there is anything, and what, is not known. */
    public static final Proof UNKNOWN = new Proof("", Optional.empty());

    public boolean isKnown() {
      return !md5.isEmpty();
    }
  }

  /**
   * What the destination said.
   *
   * @param found by the parcels' ids; what is not there is missing
   * @param timedOut whether it was ended because it took too long: then what is missing may be
   *     there, and fewer are to be asked for at once
   */
  record Proofs(Map<Long, Proof> found, boolean timedOut) {}

  /**
   * Looks at what can be looked at before anything is sent.
   *
   * @throws RemoteException naming what to mend
   */
  void probe() throws RemoteException;

  /**
   * Sends files; each appears whole or not at all.
   *
   * @return what was sent so far, when it is cancelled between two files
   * @throws RemoteException when the destination as a whole cannot be used
   */
  Sent send(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException;

  /**
   * Asks what lies there, now.
   *
   * @throws RemoteException when it cannot be asked; {@code CANCELLED} when that was ended before
   */
  Proofs prove(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException;

  /** Where on this machine a file would lie there, when the destination is a folder of it. */
  default Optional<Path> fileOf(Parcel parcel) {
    return Optional.empty();
  }
}

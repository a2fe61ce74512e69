package dev.caravan.snapshot.claim;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.Remote.Conditions.Creation;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a prefix the place of one source: {@code <prefix>/.caravan/store.id} names it. Prefixes
 * that lie within another are told there, as {@code <outer>/.caravan/prefixes/<inner>}, so that the
 * outer one leaves alone what is not its own.
 */
public final class PrefixClaim {

  private static final ObjectKey MARKER = ObjectKey.own("store.id");
  private static final String INNER = ObjectKey.OWN + "prefixes/";
  private static final int LENGTH_MAX = 2_048;

  /** Who was told that it is taken, and then finds no marker, saw an attempt that failed. */
  private static final int TRIES = 3;

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  private final Remote place;
  private final String prefix;
  private final Supplier<Remote> bucket;

  /**
   * @param place the prefix
   * @param prefix the same by its name, without slashes around it; {@code ""} for the whole bucket
   * @param bucket the bucket without a prefix; asked only when the prefix is taken for the first
   *     time, the caller closes
   */
  public PrefixClaim(Remote place, String prefix, Supplier<Remote> bucket) {
    this.place = place;
    this.prefix = prefix;
    this.bucket = bucket;
  }

  /**
   * Takes the prefix for this source, where it is not its own yet.
   *
   * @throws RemoteException with {@code FOREIGN} when it is another's
   */
  public void take(String owner) throws RemoteException {
    Optional<String> known = ownerAt(place, MARKER);
    if (known.isEmpty()) {
      if (!prefix.isEmpty()) {
        tellOuter(owner);
      }
      if (!isEmpty()) {
        LOG.warn(
            "{} holds objects of which nobody says whose they are: a mirror replaces those that"
                + " have the name of a file of its source",
            place.identity());
      }
      known = claim(owner);
    }
    if (!known.equals(Optional.of(owner))) {
      throw new RemoteException(
          Cause.FOREIGN,
          ("%s holds the backups of another source ('%s'), and this one is '%s'; nothing was"
                  + " changed. Give each source a CUSTOM_PATH_PREFIX of its own, or, if it is the"
                  + " same source, set MOVER_OWNER='%s'")
              .formatted(place.identity(), known.orElse("?"), owner, known.orElse("?")));
    }
  }

  /**
   * Writes the marker where there is none, and reads whose it is then. Where the server does not
   * judge that by itself, the last of several is the one that {@link #ensureTaken} finds later.
   */
  private Optional<String> claim(String owner) throws RemoteException {
    Optional<String> known = Optional.empty();
    for (int tries = 0; known.isEmpty() && tries < TRIES; tries++) {
      Creation made = create(owner);
      switch (made) {
        case CREATED -> LOG.debug("{} is taken, in one step", place.identity());
        case TAKEN -> LOG.info("{} was taken at the same moment", place.identity());
        case UNSUPPORTED -> {
          LOG.info(
              "{}: the server knows no PUT with a condition; whose the prefix is, is asked again"
                  + " before the first byte and at the end",
              place.identity());
          put(place, MARKER, owner);
        }
      }
      known = ownerAt(place, MARKER);
    }
    return known;
  }

  private Creation create(String owner) throws RemoteException {
    Optional<Remote.Conditions> conditions = place.conditions();
    if (conditions.isEmpty()) {
      return Creation.UNSUPPORTED;
    }
    try {
      return conditions.get().create(MARKER, new TextContent(owner + "\n"));
    } catch (IOException e) {
      throw new RemoteException(
          Cause.OTHER, "The owner marker %s cannot be sent: %s".formatted(MARKER, e), e);
    }
  }

  /**
   * Asks once more whose the prefix is: two sources that take it at the same moment may both find
   * their own name at first, and later only one of them does.
   *
   * @throws RemoteException with {@code FOREIGN} when it is another's by now, or nobody's
   */
  public void ensureTaken(String owner) throws RemoteException {
    Optional<String> known = ownerAt(place, MARKER);
    if (!known.equals(Optional.of(owner))) {
      throw new RemoteException(
          Cause.FOREIGN,
          ("%s was taken by another source ('%s') while this one ('%s') was at work, and its files"
                  + " may be mixed with others. Give each source a CUSTOM_PATH_PREFIX of its own,"
                  + " and run both backups again")
              .formatted(place.identity(), known.orElse("nobody"), owner));
    }
  }

  /** The prefixes within this one that belong to others, without slashes around them. */
  public Set<String> inner() throws RemoteException {
    Set<String> inner = new LinkedHashSet<>();
    place.list(INNER, stat -> inner.add(stat.key().value().substring(INNER.length())));
    return inner;
  }

  private void tellOuter(String owner) throws RemoteException {
    Remote root = bucket.get();
    boolean isWithinAnothers = false;
    for (String outer : outers()) {
      ObjectKey marker = new ObjectKey(outer + MARKER.value());
      isWithinAnothers |= asFarAsAllowed(() -> ownerAt(root, marker)).isPresent();
    }
    // Told only after the refusal: a word there makes the outer one leave alone what lies here.
    if (isWithinAnothers && !isEmpty()) {
      throw new RemoteException(
          Cause.FOREIGN,
          ("%s lies within the prefix of another source, which has files there; nothing changed."
                  + " Choose another CUSTOM_PATH_PREFIX")
              .formatted(place.identity()));
    }
    for (String outer : outers()) {
      ObjectKey word = new ObjectKey(outer + INNER + prefix.substring(outer.length()));
      asFarAsAllowed(
          () -> {
            put(root, word, owner);
            return Optional.of(owner);
          });
    }
  }

  private interface Call {
    Optional<String> make() throws RemoteException;
  }

  /** Keys that reach this prefix only: then no mover with these keys works above it. */
  private static Optional<String> asFarAsAllowed(Call call) throws RemoteException {
    try {
      return call.make();
    } catch (RemoteException e) {
      if (e.reason() != Cause.PERMISSION) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** The prefixes that this one lies in, with their slash; the whole bucket is {@code ""}. */
  private List<String> outers() {
    List<String> outers = new ArrayList<>(List.of(""));
    for (int slash = prefix.indexOf('/'); slash >= 0; slash = prefix.indexOf('/', slash + 1)) {
      outers.add(prefix.substring(0, slash + 1));
    }
    return outers;
  }

  private boolean isEmpty() throws RemoteException {
    try {
      place.list(
          "",
          stat -> {
            if (!stat.key().isOwn()) {
              throw new RemoteException(Cause.OTHER, FOUND);
            }
          });
      return true;
    } catch (RemoteException e) {
      if (FOUND.equals(e.getMessage())) {
        return false;
      }
      throw e;
    }
  }

  private static final String FOUND = "found";

  private static Optional<String> ownerAt(Remote remote, ObjectKey marker) throws RemoteException {
    if (remote.find(marker).isEmpty()) {
      return Optional.empty();
    }
    try (InputStream in = remote.open(marker, 0, -1)) {
      return Optional.of(new String(in.readNBytes(LENGTH_MAX), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw new RemoteException(
          Cause.NETWORK, "The owner marker %s cannot be read: %s".formatted(marker, e), e);
    }
  }

  private static void put(Remote remote, ObjectKey key, String owner) throws RemoteException {
    try {
      remote.put(key, new TextContent(owner + "\n"));
    } catch (IOException e) {
      throw new RemoteException(
          Cause.OTHER, "The owner marker %s cannot be sent: %s".formatted(key, e.getMessage()), e);
    }
  }
}

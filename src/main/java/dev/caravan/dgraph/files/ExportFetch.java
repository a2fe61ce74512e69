package dev.caravan.dgraph.files;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.store.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/** Brings an export back from S3, decrypted by the server, and compares it with its manifest. */
public final class ExportFetch {

  private static final int MANIFEST_MAX = 16 << 20;
  private static final int BUFFER = 256 * 1024;

  private final Remote remote;
  private final Path folder;
  private final Consumer<String> told;

  /**
   * @param folder where to put it; made when it is missing
   * @param told is told of each file, a line each
   */
  public ExportFetch(Remote remote, Path folder, Consumer<String> told) {
    this.remote = remote;
    this.folder = folder;
    this.told = told;
  }

  /**
   * Fetches an export, or a single object.
   *
   * @param name of the export's folder at the remote, {@code transformer} where names are fixed, or
   *     the key of an object
   * @return how many files came
   * @throws IOException when a file cannot be written, or is not what the manifest says
   */
  public int fetch(String name) throws IOException, RemoteException {
    String manifestKey =
        name.equals(ObjectNames.FIXED) ? name + ".manifest.json" : name + "/manifest.json";
    Optional<Manifest> manifest = manifest(new ObjectKey(manifestKey));
    if (manifest.isEmpty()) {
      bring(name, Optional.empty());
      return 1;
    }
    for (Manifest.Entry entry : manifest.get().files()) {
      bring(entry.name(), Optional.of(entry));
    }
    return manifest.get().files().size();
  }

  private Optional<Manifest> manifest(ObjectKey key) throws IOException, RemoteException {
    try (InputStream in = remote.open(key, 0, -1)) {
      return Optional.of(Manifest.read(in.readNBytes(MANIFEST_MAX)));
    } catch (RemoteException e) {
      if (e.reason() == Cause.NO_SUCH_OBJECT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void bring(String name, Optional<Manifest.Entry> entry)
      throws IOException, RemoteException {
    // Refuses what leads out of the folder.
    Path file = folder.resolve(StorePath.of(name).value());
    Files.createDirectories(Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow());
    ObjectKey key = new ObjectKey(name);
    Optional<String> sha256 =
        entry.isPresent()
            ? entry.map(Manifest.Entry::sha256)
            : remote.find(key).flatMap(stat -> stat.sha256());
    MessageDigest digest = sha256();
    long size = 0;
    try (AtomicFile to = AtomicFile.begin(file);
        InputStream in = new DigestInputStream(remote.open(key, 0, -1), digest)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        to.write(n == buffer.length ? buffer : Arrays.copyOf(buffer, n));
        size += n;
      }
      String found = HexFormat.of().formatHex(digest.digest());
      if (sha256.isPresent() && !sha256.get().equals(found)) {
        throw new IOException("%s is not what was stored: its checksum differs".formatted(name));
      }
      to.commit();
    }
    told.accept("%s (%d bytes%s)".formatted(file, size, sha256.isPresent() ? ", verified" : ""));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256", e);
    }
  }
}

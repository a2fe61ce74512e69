package dev.caravan.archive;

import dev.caravan.archive.carry.Carrier;
import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** A destination that is a folder, and does what a test wants it to do wrong. */
final class FolderCarrier implements Carrier {

  final Path folder;
  final Set<String> refused = new HashSet<>();
  final List<List<String>> sent = new ArrayList<>();
  Optional<RemoteException> broken = Optional.empty();
  Optional<RemoteException> brokenAfterSending = Optional.empty();
  final List<List<String>> asked = new ArrayList<>();
  int takesLongFrom = Integer.MAX_VALUE;
  int askingTakesLongFrom = Integer.MAX_VALUE;
  Runnable afterEach = () -> {};
  Runnable afterSending = () -> {};
  Runnable afterAsking = () -> {};

  FolderCarrier(Path folder) {
    this.folder = folder;
  }

  @Override
  public String place() {
    return folder.toString();
  }

  @Override
  public void probe() {}

  @Override
  public Sent send(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException {
    if (broken.isPresent()) {
      throw broken.get();
    }
    sent.add(parcels.stream().map(Parcel::remotePath).toList());
    Map<Long, String> faults = new LinkedHashMap<>();
    Set<Long> whole = new HashSet<>();
    boolean timedOut = parcels.size() >= takesLongFrom;
    for (Parcel each : timedOut ? List.<Parcel>of() : parcels) {
      if (cancelled.getAsBoolean()) {
        break;
      }
      try {
        if (refused.contains(each.remotePath())) {
          throw new IOException("refused");
        }
        Path to = folder.resolve(each.remotePath());
        Files.createDirectories(to.getParent());
        Files.copy(each.local(), to, StandardCopyOption.REPLACE_EXISTING);
        whole.add(each.id());
        afterEach.run();
      } catch (IOException e) {
        faults.put(each.id(), String.valueOf(e.getMessage()));
      }
    }
    afterSending.run();
    if (brokenAfterSending.isPresent()) {
      throw brokenAfterSending.get();
    }
    return new Sent(faults, whole, timedOut);
  }

  @Override
  public Proofs prove(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException {
    if (broken.isPresent()) {
      throw broken.get();
    }
    asked.add(parcels.stream().map(Parcel::remotePath).toList());
    if (parcels.size() >= askingTakesLongFrom) {
      return new Proofs(Map.of(), true);
    }
    Map<Long, Proof> proofs = new HashMap<>();
    for (Parcel each : parcels) {
      Path file = folder.resolve(each.remotePath());
      if (Files.isRegularFile(file)) {
        proofs.put(each.id(), new Proof(ArchiveLab.md5(file), Optional.empty()));
      }
    }
    afterAsking.run();
    return new Proofs(proofs, false);
  }

  @Override
  public Optional<Path> fileOf(Parcel parcel) {
    return Optional.of(folder.resolve(parcel.remotePath()));
  }
}

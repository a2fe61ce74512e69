package dev.caravan.upload;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.upload.CutRow;
import dev.caravan.catalog.upload.CutTable;
import dev.caravan.catalog.upload.PartRow;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.UploadJournal;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Has the parts of uploads on record in the catalog. */
public final class CatalogParts implements UploadJournal.Parts {

  private final CutTable table;

  public CatalogParts(Catalog catalog) {
    this.table = new CutTable(catalog);
  }

  @Override
  public Optional<UploadJournal.Cut> find(String place, ObjectKey key) {
    return table
        .find(place, key.value())
        .map(
            row ->
                new UploadJournal.Cut(
                    row.uploadId(), row.sha256(), row.partSize(), row.form(), parts(place, key)));
  }

  private SortedMap<Integer, UploadJournal.Part> parts(String place, ObjectKey key) {
    SortedMap<Integer, UploadJournal.Part> parts = new TreeMap<>();
    for (PartRow row : table.parts(place, key.value())) {
      parts.put(row.number(), new UploadJournal.Part(row.etag(), row.crc32c()));
    }
    return parts;
  }

  @Override
  public void begun(String place, ObjectKey key, UploadJournal.Cut upload) {
    CutRow row =
        new CutRow(upload.uploadId(), upload.sha256(), upload.partSizeBytes(), upload.form());
    table.recordBegun(place, key.value(), row);
  }

  @Override
  public void sent(String place, ObjectKey key, int number, UploadJournal.Part part) {
    table.recordPart(place, key.value(), new PartRow(number, part.etag(), part.crc32c()));
  }

  @Override
  public void forget(String place, ObjectKey key) {
    table.forget(place, key.value());
  }
}

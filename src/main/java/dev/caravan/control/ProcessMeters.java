package dev.caravan.control;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** What the process itself takes: memory and time. */
final class ProcessMeters {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private ProcessMeters() {}

  static void bind(MeterRegistry registry, Clock clock) {
    long startMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
    Gauge.builder("caravan_uptime_seconds", () -> (clock.millis() - startMillis) / 1000.0)
        .description("How long the process has been running")
        .register(registry);
    Gauge.builder("caravan_resident_memory_bytes", ProcessMeters::residentBytes)
        .description("Memory of the process; 0 where the system does not say")
        .register(registry);
    Gauge.builder(
            "caravan_heap_used_bytes",
            () -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed())
        .description("Java heap in use")
        .register(registry);
  }

  private static double residentBytes() {
    try {
      List<String> lines = Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1);
      for (String line : lines) {
        if (line.startsWith(RESIDENT)) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024.0;
        }
      }
    } catch (IOException e) {
      // A system without it.
    }
    return 0;
  }
}

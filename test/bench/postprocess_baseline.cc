// YOLOv8-seg post-processing the way plain C++ parsers do it: best class of every cell, boxes of the cells
// above the threshold, NMS per class, and a byte mask per object with a bilinear value for every pixel of its
// box. test/bench/postprocess.mjs compares it with ours. Its scenes are those of postprocess/sceneFiles.mjs.
// Usage: postprocess_baseline <folder> <repeats> <1 to print the detections>; prints JSON, milliseconds of
// CPU time.
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Level {
  int downsample;
  int height;
  int width;
  std::vector<float> cls;   // [height, width, classes] logits
  std::vector<float> box;   // [height, width, 4, bins] logits
  std::vector<float> coef;  // [height, width, coefficients]
};

struct Scene {
  std::string name;
  float score_threshold;
  float iou_threshold;
  size_t max_detections;
  size_t max_candidates;
  int source_width;
  int source_height;
  float gain_x;
  float gain_y;
  float pad_x;
  float pad_y;
  int classes;
  int bins;
  int coefs;
  int proto_downsample;
  int proto_height;
  int proto_width;
  std::vector<float> proto;  // [height, width, coefficients]
  std::vector<Level> levels;
};

struct Box {
  float x1;
  float y1;
  float x2;
  float y2;
};

struct Candidate {
  Box box_model;
  float score;
  int class_id;
  const float* coefs;
};

struct Detection {
  Box box_image;
  float score;
  int class_id;
  // The mask's window in source pixels.
  int left;
  int top;
  int width;
  int height;
  std::vector<uint8_t> mask;
};

struct Stages {
  std::vector<double> decode_ms;
  std::vector<double> nms_ms;
  std::vector<double> masks_ms;
  std::vector<double> total_ms;
};

std::vector<float> ReadFloats(const std::string& path, size_t count) {
  std::vector<float> values(count);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(values.data()),
                 static_cast<std::streamsize>(count * sizeof(float)))) {
    throw std::runtime_error("cannot read " + path);
  }
  return values;
}

std::vector<Scene> ReadScenes(const std::string& folder) {
  std::ifstream file(folder + "/scenes.txt");
  size_t count = 0;
  file >> count;
  std::vector<Scene> scenes(count);
  const auto read = [&](int height, int width, int channels) {
    std::string name;
    file >> name;
    return ReadFloats(folder + "/" + name, static_cast<size_t>(height) * width * channels);
  };
  for (Scene& scene : scenes) {
    size_t level_count = 0;
    file >> scene.name >> scene.score_threshold >> scene.iou_threshold >> scene.max_detections >>
        scene.max_candidates >> scene.source_width >> scene.source_height >> scene.gain_x >> scene.gain_y >>
        scene.pad_x >> scene.pad_y >> scene.classes >> scene.bins >> scene.coefs >> scene.proto_downsample >>
        scene.proto_height >> scene.proto_width;
    scene.proto = read(scene.proto_height, scene.proto_width, scene.coefs);
    file >> level_count;
    scene.levels.resize(level_count);
    for (Level& level : scene.levels) {
      file >> level.downsample >> level.height >> level.width;
      level.cls = read(level.height, level.width, scene.classes);
      level.box = read(level.height, level.width, 4 * scene.bins);
      level.coef = read(level.height, level.width, scene.coefs);
    }
  }
  if (!file) throw std::runtime_error("cannot read " + folder + "/scenes.txt");
  return scenes;
}

/// The first of the greatest values. Parsers call the library for it; what GCC 12 makes of that at -O2 is
/// four times as slow as at -O3 or as a loop, so the loop can be had too.
int BestClass(const float* logits, int count) {
#ifdef BEST_CLASS_BY_LOOP
  int best = 0;
  for (int i = 1; i < count; ++i) {
    if (logits[i] > logits[best]) best = i;
  }
  return best;
#else
  return static_cast<int>(std::max_element(logits, logits + count) - logits);
#endif
}

/// Expected bin of a softmax.
float ExpectedBin(const float* logits, int bins) {
  const float peak = *std::max_element(logits, logits + bins);
  float sum = 0;
  float weighted = 0;
  for (int bin = 0; bin < bins; ++bin) {
    const float weight = std::exp(logits[bin] - peak);
    sum += weight;
    weighted += weight * static_cast<float>(bin);
  }
  return weighted / sum;
}

Box DecodeBox(const Level& level, int x, int y, const float* logits, int bins) {
  const float step = static_cast<float>(level.downsample);
  const float centre_x = static_cast<float>(x) + 0.5F;
  const float centre_y = static_cast<float>(y) + 0.5F;
  return {(centre_x - ExpectedBin(logits, bins)) * step, (centre_y - ExpectedBin(logits + bins, bins)) * step,
          (centre_x + ExpectedBin(logits + 2 * bins, bins)) * step,
          (centre_y + ExpectedBin(logits + 3 * bins, bins)) * step};
}

std::vector<Candidate> FindCandidates(const Scene& scene) {
  std::vector<Candidate> candidates;
  for (const Level& level : scene.levels) {
    for (int y = 0; y < level.height; ++y) {
      for (int x = 0; x < level.width; ++x) {
        const int cell = y * level.width + x;
        const float* logits = level.cls.data() + cell * scene.classes;
        const int best = BestClass(logits, scene.classes);
        const float score = 1 / (1 + std::exp(-logits[best]));
        if (score <= scene.score_threshold) continue;
        const Box box = DecodeBox(level, x, y, level.box.data() + cell * 4 * scene.bins, scene.bins);
        candidates.push_back({box, score, best, level.coef.data() + cell * scene.coefs});
      }
    }
  }
  return candidates;
}

float Area(const Box& box) { return std::max(box.x2 - box.x1, 0.0F) * std::max(box.y2 - box.y1, 0.0F); }

float IntersectionOverUnion(const Box& a, const Box& b) {
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (Area(a) + Area(b) - width * height);
}

/// Source pixels, clipped to the picture.
Box ToImage(const Box& box, const Scene& scene) {
  const float width = static_cast<float>(scene.source_width);
  const float height = static_cast<float>(scene.source_height);
  return {std::clamp((box.x1 - scene.pad_x) / scene.gain_x, 0.0F, width),
          std::clamp((box.y1 - scene.pad_y) / scene.gain_y, 0.0F, height),
          std::clamp((box.x2 - scene.pad_x) / scene.gain_x, 0.0F, width),
          std::clamp((box.y2 - scene.pad_y) / scene.gain_y, 0.0F, height)};
}

/// The candidates that no better one of their class covers, best first.
std::vector<Candidate> Suppress(std::vector<Candidate> candidates, const Scene& scene) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  if (candidates.size() > scene.max_candidates) candidates.resize(scene.max_candidates);
  std::vector<bool> removed(candidates.size(), false);
  std::vector<Candidate> kept;
  for (size_t i = 0; i < candidates.size() && kept.size() < scene.max_detections; ++i) {
    const Box box = ToImage(candidates[i].box_model, scene);
    if (removed[i] || box.x2 <= box.x1 || box.y2 <= box.y1) continue;
    kept.push_back(candidates[i]);
    for (size_t j = i + 1; j < candidates.size(); ++j) {
      if (removed[j] || candidates[j].class_id != candidates[i].class_id) continue;
      removed[j] =
          IntersectionOverUnion(candidates[i].box_model, candidates[j].box_model) > scene.iou_threshold;
    }
  }
  return kept;
}

/// Where the pixels [first, end) of one axis sample the prototype grid.
struct Taps {
  int grid_first;
  int grid_end;
  std::vector<int> low;  // counted from grid_first
  std::vector<float> weight;
};

Taps MakeTaps(int first, int end, float gain, float pad, int cell_px, int cells) {
  Taps taps;
  for (int pixel = first; pixel < end; ++pixel) {
    const float model = (static_cast<float>(pixel) + 0.5F) * gain + pad;
    const float at =
        std::clamp(model / static_cast<float>(cell_px) - 0.5F, 0.0F, static_cast<float>(cells - 1));
    taps.low.push_back(static_cast<int>(at));
    taps.weight.push_back(at - static_cast<float>(taps.low.back()));
  }
  taps.grid_first = taps.low.front();
  taps.grid_end = std::min(taps.low.back() + 2, cells);
  for (int& low : taps.low) low -= taps.grid_first;
  return taps;
}

/// Mask logits over the window of the grid, with the last column and row once more for the far border.
std::vector<float> MultiplyProto(const Scene& scene, const float* coefs, const Taps& x, const Taps& y) {
  const int width = x.grid_end - x.grid_first;
  const int height = y.grid_end - y.grid_first;
  std::vector<float> field((width + 1) * (height + 1));
  for (int row = 0; row <= height; ++row) {
    const int grid_y = y.grid_first + std::min(row, height - 1);
    for (int column = 0; column <= width; ++column) {
      const int grid_x = x.grid_first + std::min(column, width - 1);
      const float* proto = scene.proto.data() + (grid_y * scene.proto_width + grid_x) * scene.coefs;
      float sum = 0;
      for (int i = 0; i < scene.coefs; ++i) sum += coefs[i] * proto[i];
      field[row * (width + 1) + column] = sum;
    }
  }
  return field;
}

void FillMask(const Scene& scene, const float* coefs, Detection* detection) {
  const Box& box = detection->box_image;
  // A pixel belongs to the box if its centre does.
  detection->left = static_cast<int>(std::ceil(box.x1 - 0.5F));
  detection->top = static_cast<int>(std::ceil(box.y1 - 0.5F));
  detection->width = static_cast<int>(std::ceil(box.x2 - 0.5F)) - detection->left;
  detection->height = static_cast<int>(std::ceil(box.y2 - 0.5F)) - detection->top;
  if (detection->width <= 0 || detection->height <= 0) return;
  const Taps x = MakeTaps(detection->left, detection->left + detection->width, scene.gain_x, scene.pad_x,
                          scene.proto_downsample, scene.proto_width);
  const Taps y = MakeTaps(detection->top, detection->top + detection->height, scene.gain_y, scene.pad_y,
                          scene.proto_downsample, scene.proto_height);
  const std::vector<float> field = MultiplyProto(scene, coefs, x, y);
  const int pitch = x.grid_end - x.grid_first + 1;
  detection->mask.resize(static_cast<size_t>(detection->width) * detection->height);
  std::vector<float> blended(pitch);
  for (int row = 0; row < detection->height; ++row) {
    const float* above = field.data() + y.low[row] * pitch;
    const float* below = above + pitch;
    for (int i = 0; i < pitch; ++i) blended[i] = above[i] + (below[i] - above[i]) * y.weight[row];
    uint8_t* mask = detection->mask.data() + static_cast<size_t>(row) * detection->width;
    for (int column = 0; column < detection->width; ++column) {
      const float* cell = blended.data() + x.low[column];
      mask[column] = cell[0] + (cell[1] - cell[0]) * x.weight[column] > 0 ? 1 : 0;
    }
  }
}

std::vector<Detection> MakeDetections(const std::vector<Candidate>& kept, const Scene& scene) {
  std::vector<Detection> detections;
  for (const Candidate& candidate : kept) {
    Detection detection{};
    detection.box_image = ToImage(candidate.box_model, scene);
    detection.score = candidate.score;
    detection.class_id = candidate.class_id;
    FillMask(scene, candidate.coefs, &detection);
    detections.push_back(std::move(detection));
  }
  return detections;
}

double ThreadCpuMs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

struct Result {
  size_t candidate_count = 0;
  std::vector<Detection> detections;
};

Result Run(const Scene& scene, Stages* stages) {
  const double start_ms = ThreadCpuMs();
  std::vector<Candidate> candidates = FindCandidates(scene);
  const double decoded_ms = ThreadCpuMs();
  const size_t candidate_count = candidates.size();
  const std::vector<Candidate> kept = Suppress(std::move(candidates), scene);
  const double suppressed_ms = ThreadCpuMs();
  std::vector<Detection> detections = MakeDetections(kept, scene);
  const double end_ms = ThreadCpuMs();
  stages->decode_ms.push_back(decoded_ms - start_ms);
  stages->nms_ms.push_back(suppressed_ms - decoded_ms);
  stages->masks_ms.push_back(end_ms - suppressed_ms);
  stages->total_ms.push_back(end_ms - start_ms);
  return {candidate_count, std::move(detections)};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The mask as [y, first x, end x] per run of a row.
void PrintSpans(const Detection& detection) {
  const char* separator = "";
  for (int y = 0; y < detection.height; ++y) {
    const uint8_t* row = detection.mask.data() + static_cast<size_t>(y) * detection.width;
    for (int x = 0; x < detection.width;) {
      const int first = static_cast<int>(std::find(row + x, row + detection.width, 1) - row);
      x = static_cast<int>(std::find(row + first, row + detection.width, 0) - row);
      if (first == detection.width) break;
      std::printf("%s[%d,%d,%d]", separator, detection.top + y, detection.left + first, detection.left + x);
      separator = ",";
    }
  }
}

void PrintDetections(const std::vector<Detection>& detections) {
  const char* separator = "";
  for (const Detection& detection : detections) {
    const Box& box = detection.box_image;
    std::printf("%s\n{\"box\":[%.4f,%.4f,%.4f,%.4f],\"score\":%.6f,\"classId\":%d,\"spans\":[", separator,
                box.x1, box.y1, box.x2, box.y2, detection.score, detection.class_id);
    PrintSpans(detection);
    std::printf("]}");
    separator = ",";
  }
}

void Measure(const std::string& folder, int repeats, bool with_detections) {
  const std::vector<Scene> scenes = ReadScenes(folder);
  std::vector<Stages> stages(scenes.size());
  std::vector<Result> results(scenes.size());
  // Scenes take turns, so that none finds its tensors in the cache.
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (size_t i = 0; i < scenes.size(); ++i) results[i] = Run(scenes[i], &stages[i]);
  }
  const char* separator = "[";
  for (size_t i = 0; i < scenes.size(); ++i) {
    std::printf("%s{\"name\":\"%s\",\"candidateCount\":%zu,\"objectCount\":%zu,", separator,
                scenes[i].name.c_str(), results[i].candidate_count, results[i].detections.size());
    std::printf("\"scanMs\":%.4f,\"nmsMs\":%.4f,\"masksMs\":%.4f,\"totalMs\":%.4f,\"detections\":[",
                Median(stages[i].decode_ms), Median(stages[i].nms_ms), Median(stages[i].masks_ms),
                Median(stages[i].total_ms));
    if (with_detections) PrintDetections(results[i].detections);
    std::printf("]}");
    separator = ",\n";
  }
  std::printf("]\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: postprocess_baseline <folder> <repeats> <0 or 1>\n");
    return 2;
  }
  try {
    Measure(argv[1], std::max(1, std::atoi(argv[2])), std::string(argv[3]) == "1");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "postprocess_baseline: %s\n", error.what());
    return 1;
  }
  return 0;
}

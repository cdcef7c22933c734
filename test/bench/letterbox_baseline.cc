// Plain libyuv doing what our letterbox does, the obvious way; test/bench/letterbox.mjs compares the two.
// Usage: letterbox_baseline <rounds> [<width> <height> <NV12 file> <output>]; prints {"<name>":
// [milliseconds, ...], ...}. With a picture that is bilinear to RGB planes, which are left in the output, in
// CPU time of the process.
#include <libyuv.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr int kModel = 640;

struct Case {
  const char* name;
  int width;
  int height;
  libyuv::FilterMode filter;
  bool to_rgb;
};

constexpr Case kCases[] = {
    {"1080p bilinear to NV12", 1920, 1080, libyuv::kFilterBilinear, false},
    {"1080p box to NV12", 1920, 1080, libyuv::kFilterBox, false},
    {"1080p bilinear to RGB planes", 1920, 1080, libyuv::kFilterBilinear, true},
    {"1080p box to RGB planes", 1920, 1080, libyuv::kFilterBox, true},
    {"720p bilinear to NV12", 1280, 720, libyuv::kFilterBilinear, false},
    {"720p bilinear to RGB planes", 1280, 720, libyuv::kFilterBilinear, true},
    {"1600x1200 box to NV12", 1600, 1200, libyuv::kFilterBox, false},
    {"960x544 bilinear to NV12", 960, 544, libyuv::kFilterBilinear, false},
    {"800x600 bilinear to NV12", 800, 600, libyuv::kFilterBilinear, false},
    {"800x600 bilinear to RGB planes", 800, 600, libyuv::kFilterBilinear, true},
    {"640x480 bilinear to NV12", 640, 480, libyuv::kFilterBilinear, false},
    {"640x480 bilinear to RGB planes", 640, 480, libyuv::kFilterBilinear, true},
    {"320x240 bilinear to NV12", 320, 240, libyuv::kFilterBilinear, false},
};

class Letterbox {
 public:
  explicit Letterbox(const Case& task)
      : task_(task),
        source_(task.width * task.height * 3 / 2),
        nv12_(kModel * kModel * 3 / 2),
        rgb_(kModel * kModel * 3),
        planes_(kModel * kModel * 3) {
    for (size_t i = 0; i < source_.size(); ++i) source_[i] = static_cast<uint8_t>(i * 7 + (i >> 5));
  }

  void Read(const char* path) {
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(source_.data()), static_cast<std::streamsize>(source_.size()));
    if (!file) throw std::runtime_error(std::string(path) + " is too short");
  }

  void WritePlanes(const char* path) const {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(planes_.data()),
               static_cast<std::streamsize>(planes_.size() * sizeof(float)));
    if (!file) throw std::runtime_error(std::string("cannot write ") + path);
  }

  void Run() {
    // Even sizes and offsets, as ours.
    const int content_height = (kModel * task_.height / task_.width + 1) / 2 * 2;
    const int pad = (kModel - content_height) / 4 * 2;
    uint8_t* uv = nv12_.data() + kModel * kModel;
    libyuv::SetPlane(nv12_.data(), kModel, kModel, pad, 114);
    libyuv::SetPlane(nv12_.data() + (pad + content_height) * kModel, kModel, kModel, pad, 114);
    libyuv::SetPlane(uv, kModel, kModel, pad / 2, 128);
    libyuv::SetPlane(uv + (pad + content_height) / 2 * kModel, kModel, kModel, pad / 2, 128);
    libyuv::ScalePlane(source_.data(), task_.width, task_.width, task_.height, nv12_.data() + pad * kModel,
                       kModel, kModel, content_height, task_.filter);
    libyuv::UVScale(source_.data() + task_.width * task_.height, task_.width, task_.width / 2,
                    task_.height / 2, uv + pad / 2 * kModel, kModel, kModel / 2, content_height / 2,
                    task_.filter);
    if (!task_.to_rgb) return;
    const int first = pad * kModel;
    const int last = first + content_height * kModel;
    libyuv::NV12ToRAW(nv12_.data() + first, kModel, uv + first / 2, kModel, rgb_.data(), kModel * 3, kModel,
                      content_height);
    float* const red = planes_.data();
    float* const green = red + kModel * kModel;
    float* const blue = green + kModel * kModel;
    for (float* plane : {red, green, blue}) {
      std::fill(plane, plane + first, 114 / 255.0F);
      std::fill(plane + last, plane + kModel * kModel, 114 / 255.0F);
    }
    const uint8_t* rgb = rgb_.data();
    for (int i = first; i < last; ++i, rgb += 3) {
      red[i] = rgb[0] * (1 / 255.0F);
      green[i] = rgb[1] * (1 / 255.0F);
      blue[i] = rgb[2] * (1 / 255.0F);
    }
  }

 private:
  const Case task_;
  std::vector<uint8_t> source_;
  std::vector<uint8_t> nv12_;
  std::vector<uint8_t> rgb_;
  std::vector<float> planes_;
};

double WallMs() {
  const std::chrono::duration<double, std::milli> now = std::chrono::steady_clock::now().time_since_epoch();
  return now.count();
}

double CpuMs() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void Measure(const char* name, Letterbox& letterbox, int rounds, double (*clock_ms)()) {
  std::printf("\"%s\": [", name);
  for (int round = 0; round < rounds; ++round) {
    const double start = clock_ms();
    letterbox.Run();
    std::printf("%s%.4f", round == 0 ? "" : ", ", clock_ms() - start);
  }
  std::printf("]");
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 50;
  std::printf("{");
  if (argc == 6) {
    const Case task{"picture", std::atoi(argv[2]), std::atoi(argv[3]), libyuv::kFilterBilinear, true};
    Letterbox letterbox(task);
    letterbox.Read(argv[4]);
    letterbox.Run();
    Measure(task.name, letterbox, rounds, CpuMs);
    letterbox.WritePlanes(argv[5]);
  } else {
    const char* separator = "";
    for (const Case& task : kCases) {
      Letterbox letterbox(task);
      letterbox.Run();
      std::printf("%s", separator);
      Measure(task.name, letterbox, rounds, WallMs);
      separator = ",\n ";
    }
  }
  std::printf("}\n");
  return 0;
}

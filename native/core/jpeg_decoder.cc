#include "core/jpeg_decoder.h"

#include <libyuv/planar_functions.h>

#include <array>
#include <csetjmp>
#include <cstdio>
#include <string>

#include "common/coded_error.h"
#include "core/libjpeg.h"

namespace rdk {
namespace {

// A decoder that reads a scan more than that is being held up on purpose: encoders write some ten.
constexpr int kMaxScans = 100;
constexpr int kMaxComponents = 3;
constexpr int kMaxRowsPerBand = MAX_SAMP_FACTOR * DCTSIZE;

int DctSizeOf(const jpeg_component_info& component) {
#if JPEG_LIB_VERSION >= 70
  return component.DCT_h_scaled_size;
#else
  return component.DCT_scaled_size;
#endif
}

int SmallestDctSize(const jpeg_decompress_struct& jpeg) {
#if JPEG_LIB_VERSION >= 70
  return jpeg.min_DCT_h_scaled_size;
#else
  return jpeg.min_DCT_scaled_size;
#endif
}

// The largest of 1, 2, 4 and 8 that leaves at least what is needed; these are the scales libjpeg has fast
// code for. One that does not divide the sides would leave a picture with a part of a pixel too much, all of
// it shifted by that.
int DenominatorFor(Size size, const Needed& needed) {
  const auto fits = [](int px, int denominator, int needed_px) {
    return px % denominator == 0 && px / denominator >= needed_px;
  };
  const Region& region = needed.region;
  const auto all_fit = [&](int denominator) {
    return region.x_px % denominator == 0 && region.y_px % denominator == 0 &&
           fits(region.size.width_px, denominator, needed.of_region.width_px) &&
           fits(region.size.height_px, denominator, needed.of_region.height_px) &&
           fits(size.width_px, denominator, needed.of_whole.width_px) &&
           fits(size.height_px, denominator, needed.of_whole.height_px);
  };
  int denominator = 8;
  while (denominator > 1 && !all_fit(denominator)) denominator /= 2;
  return denominator;
}

const char* NameOf(J_COLOR_SPACE space) {
  switch (space) {
    case JCS_RGB:
      return "RGB";
    case JCS_CMYK:
      return "CMYK";
    case JCS_YCCK:
      return "YCCK";
    default:
      return "unknown";
  }
}

// Where one component goes: whole bands of rows, so that libjpeg may write blocks to their end.
struct DecodedPlane {
  uint8_t* data = nullptr;
  int stride_bytes = 0;
  Size size;
  int rows_per_band = 0;
};

}  // namespace

struct JpegDecoder::State {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  jmp_buf on_error;
  char message[JMSG_LENGTH_MAX] = {};
  std::array<DecodedPlane, kMaxComponents> planes;

  static State& Of(j_common_ptr jpeg) { return *static_cast<State*>(jpeg->client_data); }

  // libjpeg's errors leave by longjmp, as it asks for: its C code must not be unwound. So no object with a
  // destructor lives in a function between here and `Guard`.
  [[noreturn]] static void Fail(j_common_ptr jpeg) {
    State& state = Of(jpeg);
    jpeg->err->format_message(jpeg, state.message);
    longjmp(state.on_error, 1);
  }

  // What libjpeg calls a warning is a picture with made-up parts, but for a few that harm nothing.
  static void Warn(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    switch (jpeg->err->msg_code) {
      case JWRN_EXTRANEOUS_DATA:
      case JWRN_TOO_MUCH_DATA:
      case JWRN_ADOBE_XFORM:
      case JWRN_JFIF_MAJOR:
        return;
      default:
        Fail(jpeg);
    }
  }

  static void WatchScans(j_common_ptr jpeg) {
    const int scans = reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number;
    if (scans <= kMaxScans) return;
    State& state = Of(jpeg);
    std::snprintf(state.message, sizeof(state.message), "%d scans; expected at most %d", scans, kMaxScans);
    longjmp(state.on_error, 1);
  }

  // Runs a step that calls libjpeg; false where that failed, with the reason in `message`.
  template <typename Step>
  bool Guard(Step step) {
    if (setjmp(on_error) != 0) return false;
    step();
    return true;
  }

  void Create() {
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = Fail;
    errors.emit_message = Warn;
    jpeg.client_data = this;
    if (!Guard([this] { jpeg_create_decompress(&jpeg); })) throw Refusal("libjpeg does not start");
    progress.progress_monitor = WatchScans;
    jpeg.progress = &progress;
  }

  CodedError Refusal(const std::string& what) const {
    return CodedError(ErrorCode::kPicture, what + ": " + message);
  }

  Size size() const { return {static_cast<int>(jpeg.image_width), static_cast<int>(jpeg.image_height)}; }
  bool is_grey() const { return jpeg.jpeg_color_space == JCS_GRAYSCALE; }

  void ReadHeader(const Frame& frame) {
    // The cast is for versions of libjpeg whose memory source is not const.
    jpeg_mem_src(&jpeg, const_cast<uint8_t*>(frame.data), static_cast<unsigned long>(frame.data_bytes));
    jpeg_read_header(&jpeg, TRUE);
  }

  void StartAt(int denominator) {
    jpeg.scale_num = 1;
    jpeg.scale_denom = static_cast<unsigned>(denominator);
    jpeg.raw_data_out = TRUE;
    jpeg.out_color_space = jpeg.jpeg_color_space;
    jpeg.do_fancy_upsampling = FALSE;
    jpeg_start_decompress(&jpeg);
  }

  // Lays the planes out in one piece of memory; returns its size. With `memory` null only counts.
  size_t Place(uint8_t* memory) {
    size_t used = 0;
    for (int i = 0; i < jpeg.num_components; ++i) {
      const jpeg_component_info& component = jpeg.comp_info[i];
      const int dct_size = DctSizeOf(component);
      DecodedPlane& plane = planes[static_cast<size_t>(i)];
      plane.rows_per_band = component.v_samp_factor * dct_size;
      plane.size = {static_cast<int>(component.downsampled_width),
                    static_cast<int>(component.downsampled_height)};
      // Whole groups of 32 bytes: vector code writes that much at once.
      plane.stride_bytes = (static_cast<int>(component.width_in_blocks) * dct_size + 63) / 32 * 32;
      plane.data = memory == nullptr ? nullptr : memory + used;
      used += static_cast<size_t>(plane.stride_bytes) * static_cast<size_t>(plane.rows_per_band) *
              static_cast<size_t>(jpeg.total_iMCU_rows);
    }
    return used;
  }

  void ReadRows() {
    JSAMPROW rows[kMaxComponents][kMaxRowsPerBand];
    JSAMPARRAY bands[kMaxComponents] = {rows[0], rows[1], rows[2]};
    const auto band_rows = static_cast<JDIMENSION>(jpeg.max_v_samp_factor * SmallestDctSize(jpeg));
    for (int band = 0; jpeg.output_scanline < jpeg.output_height; ++band) {
      for (int i = 0; i < jpeg.num_components; ++i) {
        const DecodedPlane& plane = planes[static_cast<size_t>(i)];
        uint8_t* const first =
            plane.data + static_cast<ptrdiff_t>(band) * plane.rows_per_band * plane.stride_bytes;
        for (int row = 0; row < plane.rows_per_band; ++row) {
          rows[i][row] = first + static_cast<ptrdiff_t>(row) * plane.stride_bytes;
        }
      }
      jpeg_read_raw_data(&jpeg, bands, band_rows);
    }
    jpeg_finish_decompress(&jpeg);
  }

  void CheckColours() const {
    if (is_grey()) return;
    if (jpeg.jpeg_color_space != JCS_YCbCr || jpeg.num_components != kMaxComponents) {
      throw CodedError(ErrorCode::kPicture, std::string("the JPEG is ") + NameOf(jpeg.jpeg_color_space) +
                                                " of " + std::to_string(jpeg.num_components) +
                                                " components; expected YCbCr or grey");
    }
    const jpeg_component_info& u = jpeg.comp_info[1];
    const jpeg_component_info& v = jpeg.comp_info[2];
    if (u.h_samp_factor != v.h_samp_factor || u.v_samp_factor != v.v_samp_factor) {
      throw CodedError(ErrorCode::kPicture, "the JPEG stores U and V in different sizes; expected the same");
    }
  }

  Picture Decode(const Frame& frame, const Needed& needed, Scratch& scratch) {
    const std::string what = "the JPEG of " + std::to_string(frame.data_bytes) + " bytes, " +
                             std::to_string(frame.width_px) + " x " + std::to_string(frame.height_px);
    if (!Guard([&] { ReadHeader(frame); })) throw Refusal(what);
    if (jpeg.image_width != frame.width_px || jpeg.image_height != frame.height_px) {
      throw CodedError(ErrorCode::kPicture, what + ", has a second header of " +
                                                std::to_string(jpeg.image_width) + " x " +
                                                std::to_string(jpeg.image_height));
    }
    CheckColours();
    if (!Guard([&] { StartAt(DenominatorFor(size(), needed)); })) throw Refusal(what);
    const size_t plane_bytes = Place(nullptr);
    const DecodedPlane& u = planes[1];
    const size_t merged_bytes =
        is_grey() ? 0 : static_cast<size_t>(u.size.width_px) * 2 * static_cast<size_t>(u.size.height_px);
    uint8_t* const memory = GrowTo(scratch.opened, plane_bytes + merged_bytes);
    Place(memory);
    if (!Guard([&] { ReadRows(); })) throw Refusal(what);
    Picture picture;
    picture.is_full_range = true;
    picture.main = {planes[0].data, planes[0].stride_bytes, planes[0].size, 1};
    if (is_grey()) {
      picture.colours = Colours::kGrey;
      return picture;
    }
    uint8_t* const merged = memory + plane_bytes;
    libyuv::MergeUVPlane(u.data, u.stride_bytes, planes[2].data, planes[2].stride_bytes, merged,
                         u.size.width_px * 2, u.size.width_px, u.size.height_px);
    picture.chroma = {merged, u.size.width_px * 2, u.size, 2};
    return picture;
  }
};

JpegDecoder::JpegDecoder() : state_(std::make_unique<State>()) { state_->Create(); }

JpegDecoder::~JpegDecoder() {
  // Frees memory only: it has no error to leave by.
  jpeg_destroy_decompress(&state_->jpeg);
}

Picture JpegDecoder::Decode(const Frame& frame, const Needed& needed, Scratch& scratch) {
  struct Abort {
    jpeg_decompress_struct* jpeg;
    ~Abort() { jpeg_abort_decompress(jpeg); }
  };
  // Whatever happens: the next picture begins anew.
  const Abort abort{&state_->jpeg};
  return state_->Decode(frame, needed, scratch);
}

}  // namespace rdk

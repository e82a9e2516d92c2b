/*
 * A Vulkan layer that loses the device: once the file named by LOWFORMER_LOSE_DEVICE exists, the next submission, and every
 * later one to that device, is answered with VK_ERROR_DEVICE_LOST, as a driver answers that has lost its card. The card itself is
 * told nothing. Declares by itself what of Vulkan's interface it touches (Vulkan 1.3, loader interface 2): no headers are needed.
 *   cc -shared -fPIC -O2 -o liblowformer_device_loss.so device_loss.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void (*Function)(void);
typedef Function (*GetInstanceProcAddr)(void *instance, const char *name);
typedef Function (*GetDeviceProcAddr)(void *device, const char *name);

enum { SUCCESS = 0, DEVICE_LOST = -4, INITIALIZATION_FAILED = -3 };
enum { LOADER_INSTANCE_CREATE_INFO = 47, LOADER_DEVICE_CREATE_INFO = 48, LAYER_LINK_INFO = 0 };

/* The head of every structure that a chain holds. */
struct Chained { int32_t type; const struct Chained *next; };

struct InstanceLink { struct InstanceLink *next; GetInstanceProcAddr instance; GetInstanceProcAddr physical; };
struct DeviceLink { struct DeviceLink *next; GetInstanceProcAddr instance; GetDeviceProcAddr device; };
struct InstanceInfo { struct Chained head; int32_t function; struct InstanceLink *link; };
struct DeviceInfo { struct Chained head; int32_t function; struct DeviceLink *link; };

struct Negotiation {
  int32_t type; void *next; uint32_t version;
  GetInstanceProcAddr instance; GetDeviceProcAddr device; GetInstanceProcAddr physical;
};

typedef int32_t (*CreateInstance)(const struct Chained *, const void *, void **);
typedef int32_t (*CreateDevice)(void *, const struct Chained *, const void *, void **);
typedef int32_t (*Submit)(void *, uint32_t, const void *, uint64_t);

/* One instance and one device at a time are enough here; the newest counts. */
static GetInstanceProcAddr next_instance;
static GetDeviceProcAddr next_device;
static void *known_instance;
static Submit next_submit, next_submit2;
static int lost;

static int losing(void) {
  const char *file = getenv("LOWFORMER_LOSE_DEVICE");
  /* The file is taken away: a device that is made later works. */
  if (!lost && file != NULL && unlink(file) == 0) lost = 1;
  return lost;
}

static int32_t submit(void *queue, uint32_t count, const void *submits, uint64_t fence) {
  return losing() ? DEVICE_LOST : next_submit(queue, count, submits, fence);
}

static int32_t submit2(void *queue, uint32_t count, const void *submits, uint64_t fence) {
  return losing() ? DEVICE_LOST : next_submit2(queue, count, submits, fence);
}

static const void *linked(const struct Chained *chain, int32_t type) {
  for (; chain != NULL; chain = chain->next) {
    if (chain->type == type && ((const struct InstanceInfo *)chain)->function == LAYER_LINK_INFO) return chain;
  }
  return NULL;
}

static int32_t create_instance(const struct Chained *info, const void *allocator, void **instance) {
  struct InstanceInfo *chain = (struct InstanceInfo *)linked(info->next, LOADER_INSTANCE_CREATE_INFO);
  if (chain == NULL) return INITIALIZATION_FAILED;
  next_instance = chain->link->instance;
  chain->link = chain->link->next;
  CreateInstance create = (CreateInstance)next_instance(NULL, "vkCreateInstance");
  int32_t result = create(info, allocator, instance);
  if (result == SUCCESS) known_instance = *instance;
  return result;
}

static int32_t create_device(void *physical, const struct Chained *info, const void *allocator, void **device) {
  struct DeviceInfo *chain = (struct DeviceInfo *)linked(info->next, LOADER_DEVICE_CREATE_INFO);
  if (chain == NULL) return INITIALIZATION_FAILED;
  GetInstanceProcAddr instance = chain->link->instance;
  next_device = chain->link->device;
  chain->link = chain->link->next;
  CreateDevice create = (CreateDevice)instance(known_instance, "vkCreateDevice");
  int32_t result = create(physical, info, allocator, device);
  if (result != SUCCESS) return result;
  next_submit = (Submit)next_device(*device, "vkQueueSubmit");
  next_submit2 = (Submit)next_device(*device, "vkQueueSubmit2");
  lost = 0;
  return SUCCESS;
}

static Function get_device(void *device, const char *name);
static Function get_instance(void *instance, const char *name);

static Function own(const char *name) {
  if (strcmp(name, "vkGetInstanceProcAddr") == 0) return (Function)get_instance;
  if (strcmp(name, "vkGetDeviceProcAddr") == 0) return (Function)get_device;
  if (strcmp(name, "vkCreateInstance") == 0) return (Function)create_instance;
  if (strcmp(name, "vkCreateDevice") == 0) return (Function)create_device;
  if (strcmp(name, "vkQueueSubmit") == 0) return (Function)submit;
  if (strcmp(name, "vkQueueSubmit2") == 0 || strcmp(name, "vkQueueSubmit2KHR") == 0) return (Function)submit2;
  return NULL;
}

static Function get_device(void *device, const char *name) {
  Function found = own(name);
  return found != NULL ? found : next_device(device, name);
}

static Function get_instance(void *instance, const char *name) {
  Function found = own(name);
  return found != NULL ? found : next_instance(instance, name);
}

__attribute__((visibility("default"))) int32_t vkNegotiateLoaderLayerInterfaceVersion(struct Negotiation *with) {
  with->version = 2;
  with->instance = get_instance;
  with->device = get_device;
  with->physical = NULL;
  return SUCCESS;
}
